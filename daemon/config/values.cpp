// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/values.hpp"

#include "base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace cachefiles::daemon::values {
namespace {

/// All of `text` as a number, or nothing.
std::optional<std::uint64_t> digits(std::string_view text, int base = 10) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stopped != end)
        return std::nullopt;
    return value;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c | 0x20);
    }
    return result;
}

bool has_line_end(std::string_view text) {
    return text.find('\n') != std::string_view::npos || text.find('\0') != std::string_view::npos;
}

constexpr std::array levels{
    std::pair{std::string_view("error"), Severity::error},
    std::pair{std::string_view("warning"), Severity::warning},
    std::pair{std::string_view("notice"), Severity::notice},
    std::pair{std::string_view("info"), Severity::info},
    std::pair{std::string_view("debug"), Severity::debug},
};

constexpr std::array event_sources{
    std::pair{std::string_view("auto"), Events::automatic},
    std::pair{std::string_view("fanotify"), Events::fanotify},
    std::pair{std::string_view("inotify"), Events::inotify},
    std::pair{std::string_view("off"), Events::off},
};

constexpr std::array backends{
    std::pair{std::string_view("kernel"), BackendKind::kernel},
    std::pair{std::string_view("user"), BackendKind::user},
};

constexpr std::array binders{
    std::pair{std::string_view("daemon"), BoundBy::daemon},
    std::pair{std::string_view("device"), BoundBy::device},
};

/// One of a table of names; the rule lists them.
template<class Names>
auto parse_name(const Names& names, std::string_view text)
    -> Parsed<decltype(names.front().second)> {
    std::string all;
    for (const auto& [name, value] : names) {
        if (name == text)
            return value;
        all += fmt::format("{}{}", all.empty() ? "" : ", ", name);
    }
    return std::unexpected("must be one of " + all);
}

template<class Names, class Value>
std::string format_name(const Names& names, Value wanted) {
    for (const auto& [name, value] : names) {
        if (value == wanted)
            return std::string(name);
    }
    return {};
}

} // namespace

Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
    const std::optional<std::uint64_t> value = digits(text);
    const bool octal = text.size() > 1 && text.front() == '0';
    if (value && !octal && *value >= least && *value <= most)
        return *value;
    if (most >= std::uint64_t{INT64_MAX})
        return std::unexpected(fmt::format("must be a whole number, at least {}", least));
    return std::unexpected(fmt::format("must be a whole number from {} to {}", least, most));
}

Parsed<std::uint64_t> parse_size(std::string_view text, std::uint64_t least, std::uint64_t most) {
    const std::optional<std::uint64_t> value = parse_bytes(text);
    if (!value)
        return std::unexpected("must be a size such as 500GiB, 1.5T or 4096");
    if (*value < least)
        return std::unexpected(least == 1 ? "must be more than 0"
                                          : "must be at least " + format_size(least));
    if (*value > most)
        return std::unexpected("must be at most " + format_size(most));
    return *value;
}

Parsed<Seconds> parse_time(std::string_view text, Seconds least, Seconds most) {
    const std::optional<Seconds> value = parse_duration(text);
    if (!value)
        return std::unexpected("must be a time such as 90s, 15min, 12h or 30d");
    if (*value < least)
        return std::unexpected("must be at least " + format_time(least));
    if (*value > most)
        return std::unexpected("must be at most " + format_time(most));
    return *value;
}

std::string format_size(std::uint64_t bytes) {
    constexpr std::array units{"", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{}{}", bytes, units[unit]);
}

std::string format_time(Seconds seconds) {
    constexpr std::array units{std::pair{86400, "d"}, std::pair{3600, "h"}, std::pair{60, "min"}};
    for (const auto& [length, name] : units) {
        if (seconds != 0 && seconds % length == 0)
            return fmt::format("{}{}", seconds / length, name);
    }
    return fmt::format("{}s", seconds);
}

Parsed<unsigned> Percent::parse(std::string_view text) {
    if (text.ends_with('%'))
        text.remove_suffix(1);
    const std::optional<std::uint64_t> value = digits(text);
    if (!value || *value > 99)
        return std::unexpected("must be a whole percentage from 0% to 99%");
    return static_cast<unsigned>(*value);
}

std::string Percent::format(unsigned value) {
    return fmt::format("{}%", value);
}

Parsed<bool> Switch::parse(std::string_view text) {
    const std::string word = lower(text);
    if (word == "true" || word == "yes" || word == "on")
        return true;
    if (word == "false" || word == "no" || word == "off")
        return false;
    return std::unexpected("must be true or false");
}

Parsed<std::filesystem::path> Path::parse(std::string_view text) {
    constexpr std::size_t longest = 4096 - 10; // stock's: room for "/graveyard"
    if (text.empty())
        return std::unexpected("must not be empty");
    if (text.front() != '/')
        return std::unexpected("must be an absolute path");
    if (has_line_end(text))
        return std::unexpected("must not have a newline or NUL");
    if (text.size() > longest)
        return std::unexpected(fmt::format("must not be longer than {} bytes", longest));
    return std::filesystem::path(text);
}

Parsed<std::string> Text::parse(std::string_view text) {
    if (text.empty())
        return std::unexpected("must not be empty");
    if (has_line_end(text))
        return std::unexpected("must not have a newline or NUL");
    if (text.find_first_of(" \t\v\f\r") == 0)
        return std::unexpected("must not begin with a blank");
    constexpr std::size_t longest = 4000; // a command to the driver is less than a page
    if (text.size() > longest)
        return std::unexpected(fmt::format("must not be longer than {} bytes", longest));
    return std::string(text);
}

Parsed<std::string> Tag::parse(std::string_view text) {
    constexpr std::size_t longest = 200; // with what the index appends, a file name
    Parsed<std::string> tag = Text::parse(text);
    if (!tag)
        return tag;
    if (text.find('/') != std::string_view::npos)
        return std::unexpected("must not have a slash (the index is a file of that name)");
    if (text.size() > longest)
        return std::unexpected(fmt::format("must not be longer than {} bytes", longest));
    return tag;
}

Parsed<unsigned> Mask::parse(std::string_view text) {
    std::optional<std::uint64_t> value;
    if (text.starts_with("0x") || text.starts_with("0X"))
        value = digits(text.substr(2), 16);
    else
        value = digits(text, text.starts_with('0') ? 8 : 10);
    if (!value || *value > std::numeric_limits<unsigned>::max())
        return std::unexpected("must be a number such as 7 or 0x7");
    return static_cast<unsigned>(*value);
}

std::string Mask::format(unsigned value) {
    return fmt::format("{:#x}", value);
}

Parsed<Severity> LogLevel::parse(std::string_view text) {
    return parse_name(levels, text);
}
std::string LogLevel::format(Severity value) {
    return format_name(levels, value);
}

Parsed<Events> EventSource::parse(std::string_view text) {
    return parse_name(event_sources, text);
}
std::string EventSource::format(Events value) {
    return format_name(event_sources, value);
}

Parsed<BackendKind> BackendName::parse(std::string_view text) {
    return parse_name(backends, text);
}
std::string BackendName::format(BackendKind value) {
    return format_name(backends, value);
}

Parsed<BoundBy> BinderName::parse(std::string_view text) {
    return parse_name(binders, text);
}
std::string BinderName::format(BoundBy value) {
    return format_name(binders, value);
}

} // namespace cachefiles::daemon::values
