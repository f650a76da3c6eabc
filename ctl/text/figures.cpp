// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/figures.hpp"

#include "base/units.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ctime>

namespace cachefiles::ctl {

std::string format_count(std::uint64_t count) {
    std::string text = fmt::format("{}", count);
    for (std::size_t place = text.size(); place > 3; place -= 3)
        text.insert(place - 3, ",");
    return text;
}

std::string format_share(double fraction) {
    if (fraction > 0 && fraction < 0.01)
        return "<1%";
    if (fraction > 0.99 && fraction < 1)
        return ">99%";
    return fmt::format("{:.0f}%", std::floor(fraction * 100));
}

std::string format_ago(std::uint64_t now_usec, std::uint64_t then_usec) {
    if (then_usec == 0)
        return "never";
    const std::uint64_t age = now_usec > then_usec ? (now_usec - then_usec) / usec_per_second : 0;
    return age == 0 ? "now" : format_duration(static_cast<Seconds>(age)) + " ago";
}

std::string format_time(std::uint64_t usec) {
    const auto seconds = static_cast<std::time_t>(usec / usec_per_second);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr)
        return "?";
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

} // namespace cachefiles::ctl
