// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "protocol/netfs/shared_map.hpp"

#include <cstdint>
#include <memory>

namespace cachefiles::client {

/// The daemon's content maps, mapped (shared_map.hpp). Any thread.
class Arena final {
public:
    /// Nothing if it cannot be mapped, or if reading it could end in SIGBUS: it is too small, or
    /// not sealed against becoming smaller. The descriptor stays the caller's.
    [[nodiscard]] static std::shared_ptr<const Arena> map(int descriptor, std::uint64_t size);

    Arena(const void* memory, std::size_t size) : memory_(memory), size_(size) {}
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// NULL if it is not within the arena.
    [[nodiscard]] const protocol::netfs::SlotHeader* slot(std::uint64_t offset,
                                                          std::uint32_t capacity) const;

private:
    const void* memory_;
    std::size_t size_;
};

} // namespace cachefiles::client
