// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/node_path.hpp"

#include <cstdint>
#include <expected>
#include <map>
#include <mutex>

struct flock;

namespace cachefiles::mount {

/// POSIX locks of a file, held at the source, where others see them. Those of a process there are
/// of this one, so that each owner (files_struct of the kernel) gets an open file of its own, and
/// its locks are OFD locks (fcntl(2)) of that. Any thread.
class OwnerLocks final {
public:
    /// `path`: outlives this.
    explicit OwnerLocks(NodePath& path) : path_(path) {}

    /// What stands in the way of the lock, or F_UNLCK. The error is an errno.
    [[nodiscard]] std::expected<void, int> test(std::uint64_t owner, struct flock& lock);
    /// 0 or an errno; EAGAIN: another has it. Never waits.
    [[nodiscard]] int set(std::uint64_t owner, struct flock lock);
    /// All that the owner has: it has closed the file.
    void release(std::uint64_t owner);

private:
    [[nodiscard]] std::expected<int, int> file_of(std::uint64_t owner);

    NodePath& path_;
    std::mutex mutex_;
    std::map<std::uint64_t, Fd> owners_;
};

} // namespace cachefiles::mount
