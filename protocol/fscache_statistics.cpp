// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/fscache_statistics.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace cachefiles::protocol {
namespace {

/// Takes off what stands before the separator, or all, and the separator.
std::string_view take(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// What a kernel prints of a 32-bit counter that has become negative for it is still that counter.
std::optional<std::uint64_t> parse_value(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (text.starts_with('-')) {
        std::int32_t value = 0;
        const auto [at, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc{} || at != end)
            return std::nullopt;
        return static_cast<std::uint32_t>(value);
    }
    std::uint64_t value = 0;
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end)
        return std::nullopt;
    return value;
}

void parse_line(std::string_view line, std::vector<FscacheStatistic>& found) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return;
    std::string_view section = take(line, ':');
    section = section.substr(0, section.find_last_not_of(' ') + 1);
    if (section.empty())
        return;
    while (!line.empty()) {
        std::string_view value = take(line, ' ');
        if (value.find('=') == std::string_view::npos)
            continue;
        const std::string_view name = take(value, '=');
        const std::optional<std::uint64_t> number = parse_value(value);
        if (!name.empty() && number)
            found.push_back({std::string(section), std::string(name), *number});
    }
}

} // namespace

std::vector<FscacheStatistic> parse_fscache_statistics(std::string_view text) {
    std::vector<FscacheStatistic> found;
    while (!text.empty())
        parse_line(take(text, '\n'), found);
    return found;
}

} // namespace cachefiles::protocol
