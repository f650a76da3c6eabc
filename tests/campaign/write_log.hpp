// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cachefiles::campaign {

/// The log of a log-writes device (Linux, Documentation/admin-guide/device-mapper/log-writes.rst;
/// the form: drivers/md/dm-log-writes.c). The device notes a write when it is complete, and hands
/// it to the log with the next flush: so what the log has before a flush was complete, and is on
/// the disk after it. What follows the last flush may be lost in any part.
class WriteLog final {
public:
    struct Entry {
        bool flush = false; ///< what came before it is on the disk
        bool fua = false;   ///< its own data are on the disk when it is complete
        bool discard = false;
        std::string mark;         ///< of an entry that is no write
        std::uint64_t offset = 0; ///< bytes, of the device
        std::uint64_t length = 0;
        std::uint64_t data = 0; ///< bytes, where the data begin in the log; not of a discard
    };

    /// Errors: SystemError; EINVAL if there is no log.
    explicit WriteLog(const std::filesystem::path& path);

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    /// The data of an entry: zeros for a discard.
    [[nodiscard]] std::vector<std::byte> data(const Entry& entry) const;

private:
    void read_entries(std::uint64_t count, std::uint64_t unit);

    Fd fd_;
    std::vector<Entry> entries_;
};

} // namespace cachefiles::campaign
