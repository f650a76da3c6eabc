// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/statistics.hpp"

#include <fmt/format.h>

#include <chrono>

namespace cachefiles::daemon::netfs {

std::string format_statistics(const cache::Counters& counters) {
    constexpr std::chrono::milliseconds jiffy(4);
    std::string text = "FS-Cache statistics\n";
    text += fmt::format("Cookies: n={} v={} vcol={}\n", counters.cookies, counters.volumes,
                        counters.volume_collisions);
    text += fmt::format("Acquire: n={} ok={}\n", counters.acquires, counters.acquires_ok);
    text += fmt::format("LRU    : n={} exp={} rmv={} drp={} at={}\n", counters.lru_cookies,
                        counters.lru_expired, counters.lru_removed, counters.lru_dropped,
                        counters.lru_timer / jiffy);
    text += fmt::format("Invals : n={}\n", counters.invalidates);
    text += fmt::format("Updates: n={} rsz={} rsn={}\n", counters.updates, counters.resizes,
                        counters.resizes_skipped);
    text += fmt::format("Relinqs: n={} rtr={} drop={}\n", counters.relinquishes, counters.retires,
                        counters.drops);
    text += fmt::format("IO     : rd={} wr={}\n", counters.reads, counters.writes);
    return text;
}

} // namespace cachefiles::daemon::netfs
