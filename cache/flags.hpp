// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

/// The driver's flags, with the values it shows in FL (fscache-model.md sections 1.2 and 1.4).
namespace cachefiles::cache {

enum class CookieFlag : std::uint32_t {
    relinquished = 0x0001,
    retired = 0x0002,
    is_caching = 0x0004,      ///< stays when the object is discarded or withdrawn
    no_data_to_read = 0x0008, ///< a reader need not ask the cache
    needs_update = 0x0010,    ///< the coherency data on the disk are to be written
    has_been_cached = 0x0020,
    disabled = 0x0040,    ///< by direct I/O, until the last unuse
    local_write = 0x0080, ///< one of the users modifies
    no_access_wake = 0x0100,
    do_relinquish = 0x0200,
    do_withdraw = 0x0400,
    do_lru_discard = 0x0800,
    do_prep_to_write = 0x1000,
    have_data = 0x2000,
    is_hashed = 0x4000,
    do_invalidate = 0x8000, ///< after the lookup that is under way; holds an access
};

enum class VolumeFlag : std::uint32_t {
    relinquished = 0x01,
    invalidate = 0x02,
    collided_with = 0x04,   ///< a twin waits for this one's end
    acquire_pending = 0x08, ///< is the twin that waits
    creating = 0x10,        ///< the backend is being asked
};

} // namespace cachefiles::cache
