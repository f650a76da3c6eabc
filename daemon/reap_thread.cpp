// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/reap_thread.hpp"

#include "base/units.hpp"
#include "daemon/system/io_priority.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {
namespace {

constexpr std::chrono::minutes look_interval{1};

} // namespace

ReapThread::ReapThread(int graveyard, Log& log, std::function<void()> emptied)
    : reaper_(graveyard, log), log_(log), emptied_(std::move(emptied)),
      worker_(log, "emptying the graveyard") {}

void ReapThread::start() {
    worker_.start({[] { set_io_priority(IoPriority::idle); }, [this] { turn(); },
                   [this] {
                       worker_.wait(-1, look_interval);
                   }});
}

void ReapThread::expect(std::uint64_t bytes, std::uint64_t objects) {
    pending_ += bytes;
    pending_objects_ += objects;
    worker_.wake();
}

ReapThread::Counters ReapThread::counters() const {
    return {files_, bytes_, failed_};
}

void ReapThread::turn() {
    // Asked first: what is expected lies in the graveyard by then, or has been deleted.
    const std::uint64_t bytes = pending_;
    const std::uint64_t objects = pending_objects_;
    const bool deleted = !reaper_.empty() && reap();
    pending_ -= bytes; // what could not be deleted is no promise of space either
    pending_objects_ -= objects;
    if (deleted)
        emptied_();
}

/// True if something was deleted.
bool ReapThread::reap() {
    const cull::Reaper::Report report = reaper_.run([this] { return worker_.go_on(); });
    files_ += report.files;
    bytes_ += report.bytes;
    failed_ = report.failed;
    if (report.files + report.directories == 0)
        return false;
    log_.info(
        fmt::format("graveyard: deleted {} files, {}", report.files, format_bytes(report.bytes)));
    return true;
}

} // namespace cachefiles::daemon
