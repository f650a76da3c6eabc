// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"

#include <atomic>
#include <cstdint>
#include <functional>

namespace cachefiles::cull {

/// Empties a graveyard: deletes everything below one directory, never above it, never through a
/// symbolic link, never on another file system (openat2 with RESOLVE_BENEATH |
/// RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV; a mount point and what leads to it stay).
///
/// run() belongs to one thread. What cannot be deleted is skipped, tried again at the next run, and
/// reported when it has become more than at the last one; nothing is thrown after construction.
class Reaper final {
public:
    struct Report {
        std::uint64_t files = 0, directories = 0; ///< deleted; what is no directory is a file
        std::uint64_t bytes = 0; ///< st_blocks * 512 of them; of files with the last of their names
        /// Entries that could not be deleted, without the directories that stay because of them.
        std::uint64_t failed = 0;
        bool stopped = false; ///< `go_on` said no before the end
    };

    /// Borrows `graveyard` (a directory opened for reading). Errors: SystemError.
    Reaper(int graveyard, Log& log);

    /// Deletes depth first with bounded memory and descriptors (16, 0.5 MiB), whatever the depth:
    /// what lies deeper is moved up into the graveyard first, as `reaper-NUMBER`.
    /// `go_on` is asked every few hundred entries.
    [[nodiscard]] Report run(const std::function<bool()>& go_on);

    /// Whether there is nothing to do, or nothing that can be seen.
    [[nodiscard]] bool empty() const;

    /// Bytes deleted since it was made, also while run() is at work. From any thread.
    [[nodiscard]] std::uint64_t deleted_bytes() const {
        return deleted_bytes_.load(std::memory_order_relaxed);
    }

private:
    int graveyard_;
    Log& log_;
    std::uint64_t reported_ = 0;    // failures at the last run
    std::uint64_t next_number_ = 0; // of what is moved up
    std::atomic<std::uint64_t> deleted_bytes_ = 0;
};

} // namespace cachefiles::cull
