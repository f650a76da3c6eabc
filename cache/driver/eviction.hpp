// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/driver/place.hpp"
#include "cache/store/store.hpp"

#include <functional>
#include <string>

/// `inuse` and `cull` once it is known that there is a cache, and in which of its directories the
/// caller is (command protocol, sections 7 and 8).
namespace cachefiles::cache::driver {

struct Outcome {
    int error = 0;     ///< the errno of the command
    bool dead = false; ///< the disk has failed: the cache is to end
    int cause = 0;     ///< what the system said, where the command says less: for the log
};

/// Whether the entry exists and nobody uses it: 0, ENOENT, EBUSY, EIO.
[[nodiscard]] Outcome ask(store::Store& store, const Place& place, const std::string& name);

/// Unlinks the entry; a directory goes to the graveyard, whatever is in it. The entry is in use
/// meanwhile, so that nobody takes it up or puts another in its place before `gone` has returned.
[[nodiscard]] Outcome evict(store::Store& store, const Place& place, const std::string& name,
                            const std::function<void()>& gone);

} // namespace cachefiles::cache::driver
