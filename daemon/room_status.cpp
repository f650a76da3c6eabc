// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/room_status.hpp"

#include "base/units.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {

std::string summary_text(const CullThread::Status& cache, const MakeRoom::Status& room,
                         const index::Totals& totals) {
    std::string text = fmt::format(
        "{}: {} objects, {}, {} free", cache.online ? "Online" : "Offline", totals.objects,
        format_bytes(totals.bytes), format_bytes(room.space.free_blocks * room.space.block_size));
    if (room.stalled)
        text += "; needs room, but everything is in use";
    else if (room.culling)
        text += fmt::format("; culling ({})", cull::to_string(room.reason));
    return text;
}

std::string details_text(const CullThread::Status& cache, const MakeRoom::Status& room,
                         const index::Totals& totals, const cull::CullCounters& counters,
                         const ReapThread::Counters& reaped) {
    std::string text = fmt::format(
        "online={:d} culling={:d} stalled={:d} reason={} losses={} released={}", cache.online,
        room.culling, room.stalled, cull::to_string(room.reason), cache.losses, cache.released);
    text +=
        fmt::format(" objects={} bytes={} in_use={}", totals.objects, totals.bytes, totals.in_use);
    text += fmt::format(" culled={} culled_bytes={} culled_volumes={} busy={} gone={} used={} "
                        "failed={} stalls={} passes={}",
                        counters.culled_objects, counters.culled_bytes, counters.culled_volumes,
                        counters.busy, counters.gone, counters.used, counters.failed,
                        counters.stalls, counters.passes);
    text += fmt::format(" reaped_files={} reaped_bytes={}", reaped.files, reaped.bytes);
    return text;
}

} // namespace cachefiles::daemon
