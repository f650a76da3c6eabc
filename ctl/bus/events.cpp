// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/events.hpp"

#include "ctl/bus/values.hpp"

#include <string_view>

namespace cachefiles::ctl {
namespace {

constexpr std::string_view own_interfaces = "org.cachefiles1.";

template<typename T>
T next(sdbus::Message& message) {
    T result{};
    message >> result;
    return result;
}

/// "CullingStarted" -> "culling-started"
std::string in_words(std::string_view member) {
    std::string words;
    for (const char c : member) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !words.empty())
            words += '-';
        words += upper ? static_cast<char>(c | 0x20) : c;
    }
    return words;
}

/// The values of the simple types, which are all that change with a signal but Limits.
std::optional<Event::Value> simple(const sdbus::Variant& variant) {
    const std::string type = variant.peekValueType();
    if (type == "b")
        return variant.get<bool>();
    if (type == "t")
        return variant.get<std::uint64_t>();
    if (type == "u")
        return std::uint64_t{variant.get<std::uint32_t>()};
    if (type == "s")
        return variant.get<std::string>();
    return std::nullopt;
}

void add_changes(Event& event, const Properties& properties) {
    for (const auto& [name, variant] : properties) {
        if (const std::optional<Event::Value> plain = simple(variant))
            event.values.emplace_back(in_words(name), *plain);
    }
}

void add_arguments(Event& event, sdbus::Message& message) {
    if (event.name == "culling-started" || event.name == "culling-stalled") {
        event.values.emplace_back("reason", next<std::string>(message));
    } else if (event.name == "culling-finished") {
        event.values.emplace_back("reason", next<std::string>(message));
        event.values.emplace_back("objects", next<std::uint64_t>(message));
        event.values.emplace_back("bytes", next<std::uint64_t>(message));
    } else if (event.name == "lost") {
        event.values.emplace_back("why", next<std::string>(message));
    } else if (event.name == "job-removed") {
        event.path = next<sdbus::ObjectPath>(message);
        event.values.emplace_back("result", next<std::string>(message));
        event.values.emplace_back("message", next<std::string>(message));
    } else if (event.name == "index-rebuilt") {
        event.path = next<sdbus::ObjectPath>(message);
    }
}

} // namespace

std::optional<Event> to_event(sdbus::Message& message) {
    const std::string interface = message.getInterfaceName();
    Event event;
    event.path = message.getPath();
    if (interface.starts_with(own_interfaces)) {
        event.name = in_words(message.getMemberName());
        add_arguments(event, message);
        return event;
    }
    if (interface == "org.freedesktop.DBus.Properties") {
        if (!next<std::string>(message).starts_with(own_interfaces))
            return std::nullopt;
        event.name = "changed";
        add_changes(event, next<Properties>(message));
        return event;
    }
    if (interface == "org.freedesktop.DBus.ObjectManager") {
        event.name = message.getMemberName() == "InterfacesAdded" ? "added" : "removed";
        event.path = next<sdbus::ObjectPath>(message);
        return event;
    }
    return std::nullopt;
}

} // namespace cachefiles::ctl
