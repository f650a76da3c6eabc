// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "client/cachefiles.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cachefiles::bench {

/// Throws std::runtime_error if `result` is a negative errno (libcachefiles' way).
void check(long result, const std::string& what);

/// What the source has in the file of that number: no two blocks are alike.
[[nodiscard]] std::vector<char> contents_of(std::size_t number, std::size_t bytes);

/// Files of one volume, as a client of the daemon has them, and the same files as anybody sees them
/// in the cache's directory. Everything throws std::runtime_error if a file is not cached.
class CachedFiles final {
public:
    /// A volume of that key, of files of `bytes` each.
    CachedFiles(const char* socket, std::string cache, std::string volume, std::size_t bytes);
    ~CachedFiles();
    CachedFiles(const CachedFiles&) = delete;
    CachedFiles& operator=(const CachedFiles&) = delete;

    /// Acquires and uses so many; stores what is missing of them, in pieces of that size. Files
    /// have numbers from `first` on; `data` is of all of them.
    void store(std::size_t first, std::size_t count, std::size_t piece,
               const std::vector<char>& data);
    /// Unuses and relinquishes all, and waits until the daemon has let go of them.
    void let_go(bool retire);
    /// Acquires and uses so many, which must be there.
    void take_up(std::size_t first, std::size_t count);

    [[nodiscard]] cachefiles_cookie* cookie(std::size_t at) const { return cookies_.at(at); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// The file of that number, in the cache's directory.
    [[nodiscard]] std::string path(std::size_t number) const;

private:
    void acquire(std::size_t number);

    std::string cache_;
    std::string volume_key_;
    std::size_t bytes_;
    cachefiles_connection* connection_ = nullptr;
    cachefiles_volume* volume_ = nullptr;
    std::size_t first_ = 0;
    std::vector<cachefiles_cookie*> cookies_;
};

} // namespace cachefiles::bench
