// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/dump.hpp"

#include "daemon/config/diagnostic.hpp"
#include "daemon/config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::daemon {
namespace {

/// Text that means itself to every YAML reader without quotes: it begins with a letter or "/", has
/// nothing special inside, and is not one of YAML's own words.
bool is_plain(std::string_view text) {
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/";
    constexpr std::string_view others = "0123456789._-%+";
    if (text.empty() || first.find(text.front()) == std::string_view::npos)
        return false;
    for (const char c : text) {
        if (first.find(c) == std::string_view::npos && others.find(c) == std::string_view::npos)
            return false;
    }
    std::string lower(text);
    for (char& c : lower)
        c = static_cast<char>(c | 0x20);
    constexpr std::string_view words[]{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    return std::ranges::find(words, lower) == std::end(words);
}

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            result += {'\\', c};
        else if (byte < 0x20 || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result + '"';
}

/// Numbers, sizes, times and words of the schema need no quotes; names and paths may.
std::string scalar(std::string_view grammar, const std::string& text) {
    const bool free_text = grammar == "PATH" || grammar == "NAME" || grammar == "TEXT";
    return !free_text || is_plain(text) ? text : in_quotes(text);
}

/// "name: value" with its comment in a column of its own where there is room.
std::string line(std::string_view start, std::string_view name, std::string_view value,
                 const Origin& origin) {
    return fmt::format("{:<39} # {}\n", fmt::format("{}{}: {}", start, name, value),
                       printable(origin.text()));
}

void add_volumes(std::string& text, const Config& config, const Origins& origins) {
    const std::vector<cull::VolumeRule>& rules = config.limits.volumes;
    text += rules.empty() ? "volumes: []\n" : "volumes:\n";
    const cull::VolumeRule defaults;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        std::string_view start = "  - ";
        for (const VolumeKey& key : volume_keys()) {
            const std::string value = key.get(rules[i]);
            if (value == key.get(defaults))
                continue;
            Origin origin;
            if (i < origins.volumes.size()) {
                if (const auto found = origins.volumes[i].find(key.name);
                    found != origins.volumes[i].end())
                    origin = found->second;
            }
            text += line(start, key.name, scalar(key.grammar, value), origin);
            start = "    ";
        }
    }
}

} // namespace

std::string dump(const Config& config, const Origins& origins) {
    std::string text;
    std::string_view section;
    for (const Key& key : keys()) {
        if (key.section() != section) {
            section = key.section();
            text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", section);
        }
        text += line("  ", key.name(), scalar(key.grammar, key.get(config)), origins.of(key.path));
    }
    text += '\n';
    add_volumes(text, config, origins);
    return text;
}

std::string dump_set(const Config& config, const Origins& origins) {
    std::string text;
    std::string_view section;
    for (const Key& key : keys()) {
        const Origin& origin = origins.of(key.path);
        if (origin.is_default())
            continue;
        if (key.section() != section) {
            section = key.section();
            text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", section);
        }
        text += line("  ", key.name(), scalar(key.grammar, key.get(config)), origin);
    }
    if (!config.limits.volumes.empty()) {
        text += text.empty() ? "" : "\n";
        add_volumes(text, config, origins);
    }
    return text;
}

} // namespace cachefiles::daemon
