// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/cachefiles.h"
#include "client/open_file.hpp"
#include "client/retry.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::client {

/// A range of bytes that read_through() is getting.
struct FetchedRange {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
};

} // namespace cachefiles::client

/// What the program wants of a cookie, and what the daemon has of it.
struct cachefiles_cookie final {
    cachefiles_cookie(cachefiles_volume& its_volume, std::string its_key, std::string its_aux,
                      std::uint64_t its_size)
        : volume(its_volume), key(std::move(its_key)), aux(std::move(its_aux)), size(its_size) {}

    cachefiles_volume& volume;

    // For readers, without a lock.
    std::atomic<const cachefiles::client::OpenFile*> current{nullptr}; ///< file.get(), or NULL
    std::atomic<bool> touched{false}; ///< read since the daemon was last told
    /// How often this program has changed the content in place. What was downloaded before is not
    /// stored afterwards.
    std::atomic<std::uint64_t> changes{0};

    void* data = nullptr; ///< the program's

    // The rest under the connection's lock. What the program wants:
    const std::string key;
    std::string aux;
    std::uint64_t size;
    unsigned uses = 0;
    bool modifies = false; ///< one of the uses was with CACHEFILES_MODIFY
    bool direct = false;   ///< nothing is cached until the last unuse
    /// What the cache has may be wrong: a change did not reach the daemon. It must be invalidated
    /// before anything is read from it.
    bool owes_invalidation = false;
    std::uint64_t invalidations = 0;
    bool changed_untold = false; ///< and the coherency data are still those of before

    // What the daemon has:
    std::optional<std::uint32_t> id; ///< nothing: it does not know the cookie
    unsigned uses_there = 0;
    bool modifies_there = false;
    bool acquiring = false;     ///< somebody brings the daemon up to what the program wants
    bool look_up_again = false; ///< a cache has come: another Use looks for the object in it
    cachefiles::client::Retry retry;

    bool opening = false; ///< somebody has asked for the file
    /// There is no file to be had before the next first use, or until a cache or a daemon comes.
    bool shut = false;
    std::shared_ptr<const cachefiles::client::OpenFile> file;
    unsigned writes = 0;             ///< threads that write to one of its files, and grants
    unsigned fills = 0;              ///< of these, threads that fill what is absent
    std::condition_variable changed; ///< `acquiring` or `opening` ended, or `fills` is 0

    std::vector<cachefiles::client::FetchedRange> fetched;
    std::condition_variable fetched_changed;
};

namespace cachefiles::client {
using Cookie = ::cachefiles_cookie;
}
