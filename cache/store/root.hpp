// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <filesystem>

namespace cachefiles::cache::store {

/// The directory of a cache, held by this process alone: cache/ and graveyard/ exist in it, with
/// the modes of the format (on-disk-format.md section 1), and the file system can do what the store
/// needs. The driver's own use of a directory cannot be seen; who starts the daemon knows which
/// backend it is for. Immutable; any thread.
class Root final {
public:
    /// Errors: SystemError, which names the process that holds the directory (EBUSY), or what the
    /// file system lacks.
    /// `directory`: the same, open already, wherever it may be mounted; only borrowed.
    explicit Root(const std::filesystem::path& path, int directory = -1);
    /// Others may have the directory, even if there is somebody who goes on using a file of it.
    void unlock() const;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] int root() const { return root_.get(); }
    [[nodiscard]] int cache() const { return cache_.get(); }
    [[nodiscard]] int graveyard() const { return graveyard_.get(); }

private:
    [[nodiscard]] Fd open_part(const char* name) const;

    std::filesystem::path path_;
    Fd root_; ///< locked, flock(2): the lock ends with the process, however it ends
    Fd cache_;
    Fd graveyard_;
};

} // namespace cachefiles::cache::store
