// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/volume.hpp"

#include "protocol/hash.hpp"

namespace cachefiles::cache {

Volume::Volume(std::uint32_t number, CachePtr record, std::string name, std::uint32_t user)
    : id(number), cache(std::move(record)), key(std::move(name)), hash(protocol::volume_hash(key)),
      owner(user) {}

std::int32_t Volume::references() const {
    return (flags.test(VolumeFlag::relinquished) ? 0 : 1) + cookies +
           (flags.test(VolumeFlag::creating) ? 1 : 0) + (withdrawing ? 1 : 0);
}

} // namespace cachefiles::cache
