// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/follower.hpp"

namespace cachefiles::daemon {

void TreeChange::merge(const TreeChange& other) {
    appeared |= other.appeared;
    vanished |= other.vanished;
    released |= other.released;
    ours &= other.ours;
}

} // namespace cachefiles::daemon
