// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "tests/campaign/log_mark.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace cachefiles::campaign {

/// What the workload did, a line for each event, so that a checker knows which version of a file is
/// current and what ought to be cached. A line is in the file when its call returns. Its number
/// goes as a mark into the log of the disk, if there is one: whatever the log has after the mark
/// happened after the line.
///
///   MS b FILE VERSION               the source has that version from now on
///   MS c FILE VERSION               the cache has been told
///   MS m FILE                       it is used for modification, under the coherency data of the
///                                   version before, until...
///   MS u FILE                       ...the cache has been told the new ones, and that it is over
///   MS s FILE VERSION START LENGTH  those bytes of that version were stored
///   MS x FILE                       nothing is known of what is cached
///
/// MS: milliseconds of the monotonic clock. Any thread. Errors: SystemError.
class Journal final {
public:
    /// Appends. `marks`: null for none.
    Journal(const std::filesystem::path& path, std::unique_ptr<LogMark> marks);

    void coming(std::uint32_t file, std::uint32_t version);
    void current(std::uint32_t file, std::uint32_t version);
    void modifying(std::uint32_t file);
    void modified(std::uint32_t file);
    void stored(std::uint32_t file, std::uint32_t version, std::uint64_t start,
                std::uint64_t length);
    void unknown(std::uint32_t file);

private:
    void append(std::string_view event);

    Fd fd_;
    std::unique_ptr<LogMark> marks_;
    std::mutex mutex_;
    std::uint64_t lines_ = 0; // guarded by mutex_
};

} // namespace cachefiles::campaign
