// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"

#include "base/units.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"

#include <fmt/format.h>

#include <charconv>

namespace cachefiles::ctl {
namespace {

template<typename Read>
auto read_option(const std::optional<std::string>& text, std::string_view option, Read read)
    -> std::optional<decltype(read(option, *text))> {
    if (!text)
        return std::nullopt;
    return read(fmt::format("--{}", option), *text);
}

[[noreturn]] void refuse_value(std::string_view name, const std::string& text,
                               std::string_view wanted) {
    throw Failure(ExitStatus::usage,
                  fmt::format("{}: \"{}\" is no {}", name, visible(text), wanted));
}

} // namespace

std::string Arguments::operand(std::size_t index) const {
    return index < operands_.size() ? operands_[index] : std::string();
}

bool Arguments::has(std::string_view option) const {
    return options_.contains(option);
}

std::optional<std::string> Arguments::text(std::string_view option) const {
    const auto found = options_.find(option);
    return found == options_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint64_t> Arguments::bytes(std::string_view option) const {
    return read_option(text(option), option, read_bytes);
}

std::optional<std::uint64_t> Arguments::number(std::string_view option) const {
    return read_option(text(option), option, read_number);
}

std::optional<Seconds> Arguments::duration(std::string_view option) const {
    return read_option(text(option), option, read_duration);
}

std::uint64_t read_bytes(std::string_view name, const std::string& text) {
    const std::optional<std::uint64_t> value = parse_bytes(text);
    if (!value)
        refuse_value(name, text, "size; give bytes, or a number with K, M, G, T or P, such as 10G");
    return *value;
}

std::uint64_t read_number(std::string_view name, const std::string& text) {
    std::uint64_t value = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc{} || end != last)
        refuse_value(name, text, "number; give digits only");
    return value;
}

Seconds read_duration(std::string_view name, const std::string& text) {
    const std::optional<Seconds> value = parse_duration(text);
    if (!value)
        refuse_value(name, text, "time; give a number with s, m, h, d, w or y, such as 30d");
    return *value;
}

} // namespace cachefiles::ctl
