// SPDX-License-Identifier: GPL-2.0-or-later
/// What /proc/fs/fscache and the device's state line say, without what differs from run to run.
#include "protocol/hex.hpp"
#include "tests/conformance/runner/player.hpp"
#include "tests/conformance/runner/text.hpp"

#include <fmt/format.h>

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace cachefiles::conformance {

namespace {

/// Counters that the driver and the model both have; those of the read helper are left out.
constexpr std::array shown_stats{"Cookies.n",   "Cookies.v",    "Acquire.n",    "Acquire.ok",
                                 "LRU.n",       "LRU.exp",      "LRU.rmv",      "LRU.drp",
                                 "Invals.n",    "Updates.n",    "Updates.rsz",  "Updates.rsn",
                                 "Relinqs.n",   "Relinqs.rtr",  "Relinqs.drop", "NoSpace.nwr",
                                 "NoSpace.ncr", "NoSpace.cull", "IO.rd",        "IO.wr"};

/// "7%" if the limit is what the driver makes of that (command-protocol section 4).
std::string as_percent(std::uint64_t limit, std::uint64_t total) {
    for (std::uint64_t percent = 0; percent < 100 && total >= 100; ++percent) {
        if (total / 100 * percent == limit)
            return fmt::format("{}%", percent);
    }
    return fmt::format("{:x}", limit);
}

} // namespace

Reply Player::list(const Words& words) {
    const std::string& what = words.at(1);
    if (what == "caches")
        return list_caches();
    if (what == "volumes")
        return list_volumes();
    if (what == "cookies")
        return list_cookies();
    if (what == "stats")
        return list_stats();
    throw ScriptError("there is no list of " + what);
}

std::string Player::list_caches() {
    std::vector<protocol::CacheEntry> entries = target_.caches();
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    std::string text;
    for (const protocol::CacheEntry& entry : entries)
        text += fmt::format("{} {} ref={} volumes={} objects={} accesses={}\n", entry.name,
                            static_cast<char>(entry.state), entry.references, entry.volumes,
                            entry.objects, entry.accesses);
    return text.empty() ? "none" : text;
}

std::string Player::list_volumes() {
    std::vector<protocol::VolumeEntry> entries = target_.volumes();
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    std::string text;
    for (const protocol::VolumeEntry& entry : entries)
        text += fmt::format("{} {:02x} ref={} cookies={} accesses={} cache={} key={}\n",
                            volumes_.name_of(entry.id).value_or("?"), entry.flags, entry.references,
                            entry.cookies, entry.accesses, entry.cache, printable(entry.key));
    return text.empty() ? "none" : text;
}

std::string Player::list_cookies() {
    std::vector<protocol::CookieEntry> entries = target_.cookies();
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    std::string text;
    for (const protocol::CookieEntry& entry : entries)
        text += fmt::format("{} {} {} {:04x} ref={} users={} accesses={} aux={}\n",
                            cookies_.name_of(entry.id).value_or("?"),
                            volumes_.name_of(entry.volume).value_or("?"),
                            static_cast<char>(entry.state), entry.flags, entry.references,
                            entry.users, entry.accesses, to_hex(entry.aux));
    return text.empty() ? "none" : text;
}

/// What has changed since the case began.
std::string Player::list_stats() {
    const Stats now = target_.stats();
    std::string text;
    for (const char* const key : shown_stats) {
        const auto before = static_cast<std::int64_t>(stats_before_.at(key));
        const std::int64_t change = static_cast<std::int64_t>(now.at(key)) - before;
        if (change != 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, change);
    }
    return text.empty() ? "none" : text;
}

/// Limits as percentages; of released blocks only whether there are any: that is the file system's.
std::string Player::show_state(const std::string& line) const {
    struct statvfs totals{};
    if (::statvfs(directory_.c_str(), &totals) != 0)
        return line;
    std::istringstream fields(line);
    std::string field;
    std::string text;
    while (fields >> field) {
        const std::size_t equals = field.find('=');
        const std::string name = field.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : field.substr(equals + 1);
        std::string shown = value;
        if (const auto number = protocol::parse_hex(value)) {
            const bool is_limit =
                name.ends_with("run") || name.ends_with("cull") || name.ends_with("stop");
            if (name == "breleased")
                shown = *number != 0 ? "some" : "0";
            else if (is_limit && name.size() > 4 - 1 && name != "cull")
                shown = as_percent(*number, name[0] == 'f' ? totals.f_files : totals.f_blocks);
        }
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, shown);
    }
    return text.empty() ? "nothing" : text;
}

} // namespace cachefiles::conformance
