// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace cachefiles {
namespace {

constexpr double largest = 9.2e18; // below 2^63, so that sums of two never overflow 64 bits

/// "G", "GB", "GiB", "gib": the power of 1024, or nothing.
std::optional<int> power_of(std::string_view suffix) {
    if (suffix.empty() || suffix == "B" || suffix == "b")
        return 0;
    constexpr std::string_view letters = "kmgtp";
    const char letter = static_cast<char>(suffix.front() | 0x20);
    const std::size_t power = letters.find(letter);
    if (power == std::string_view::npos)
        return std::nullopt;
    std::string rest;
    for (const char c : suffix.substr(1))
        rest += static_cast<char>(c | 0x20);
    if (!rest.empty() && rest != "b" && rest != "ib")
        return std::nullopt;
    return static_cast<int>(power) + 1;
}

struct Unit {
    std::string_view suffix;
    Seconds seconds;
};

constexpr Seconds day = 86400;

constexpr std::array duration_units{Unit{"y", 365 * day}, Unit{"w", 7 * day}, Unit{"d", day},
                                    Unit{"h", 3600},      Unit{"min", 60},    Unit{"m", 60},
                                    Unit{"s", 1},         Unit{"", 1}};

std::optional<Seconds> seconds_in(std::string_view suffix) {
    for (const Unit& unit : duration_units) {
        if (unit.suffix == suffix)
            return unit.seconds;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || !(number >= 0) || std::signbit(number))
        return std::nullopt;
    std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    while (suffix.starts_with(' '))
        suffix.remove_prefix(1);
    const std::optional<int> power = power_of(suffix);
    if (!power)
        return std::nullopt;
    if (*power == 0) { // plain bytes are exact, beyond the 53 bits of a double
        std::uint64_t exact = 0;
        const auto whole = std::from_chars(text.data(), end, exact);
        if (whole.ec != std::errc{} || whole.ptr != end || exact > std::uint64_t{INT64_MAX})
            return std::nullopt;
        return exact;
    }
    const double bytes = std::ldexp(number, 10 * *power);
    if (bytes > largest)
        return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
}

std::optional<Seconds> parse_duration(std::string_view text) {
    if (text.empty())
        return std::nullopt;
    Seconds total = 0;
    while (!text.empty()) {
        Seconds number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || number < 0)
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
        const std::optional<Seconds> unit = seconds_in(text.substr(0, letters));
        if (!unit || number > (std::numeric_limits<Seconds>::max() - total) / *unit)
            return std::nullopt;
        if (letters == 0 && !text.empty()) // digits were followed by more digits: overflow above
            return std::nullopt;
        total += number * *unit;
        text.remove_prefix(letters);
    }
    return total;
}

std::string format_bytes(std::uint64_t bytes) {
    if (bytes < 1024)
        return fmt::format("{} B", bytes);
    constexpr std::array names{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double number = static_cast<double>(bytes) / 1024;
    std::size_t name = 0;
    while (number >= 1023.95 && name + 1 < names.size()) { // what would be printed as 1024.0
        number /= 1024;
        ++name;
    }
    return fmt::format("{:.1f} {}", number, names[name]);
}

std::string format_duration(Seconds seconds) {
    constexpr std::array units{Unit{"d", 86400}, Unit{"h", 3600}, Unit{"min", 60}, Unit{"s", 1}};
    if (seconds <= 0)
        return seconds == 0 ? "0s" : fmt::format("-{}", format_duration(-seconds));
    std::string text;
    int printed = 0;
    for (const Unit& unit : units) {
        const Seconds count = seconds / unit.seconds;
        seconds %= unit.seconds;
        if (count == 0) {
            if (printed > 0) // two neighbouring units at most: "3d" rather than "3d 5s"
                break;
            continue;
        }
        text += fmt::format("{}{}{}", printed > 0 ? " " : "", count, unit.suffix);
        if (++printed == 2)
            break;
    }
    return text;
}

} // namespace cachefiles
