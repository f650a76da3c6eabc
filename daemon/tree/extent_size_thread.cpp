// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/extent_size_thread.hpp"

#include "base/error.hpp"
#include "base/units.hpp"
#include "daemon/tree/extent_size.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace cachefiles::daemon {
namespace {

void report(const std::expected<std::uint64_t, int>& given, std::uint64_t bytes, Log& log) {
    if (given && *given > 0)
        log.notice(fmt::format("new files get disk space in pieces of {} ({} directories changed)",
                               format_bytes(bytes), *given));
    else if (!given && given.error() == EOPNOTSUPP)
        log.warning("cache.extent-size has no effect: the cache's file system has no such setting; "
                    "XFS has");
    else if (!given && given.error() == EINVAL)
        log.warning(fmt::format("cache.extent-size has no effect: the cache's file system refuses "
                                "{}; it has to be a multiple of its blocks",
                                format_bytes(bytes)));
    else if (!given && given.error() != ECANCELED)
        log.warning(fmt::format("cache.extent-size: {}", errno_text(given.error())));
}

} // namespace

ExtentSizeThread::ExtentSizeThread(const CacheTree& tree, std::uint64_t bytes, Log& log)
    : thread_([&tree, bytes, &log](const std::stop_token& stop) {
          report(set_extent_size(tree, static_cast<std::uint32_t>(bytes),
                                 [&stop] { return !stop.stop_requested(); }),
                 bytes, log);
      }) {}

} // namespace cachefiles::daemon
