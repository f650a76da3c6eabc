// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/fd.hpp"
#include "client/arena.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

namespace cachefiles::client {

/// A cookie's file as Open gave it: it never changes, but the slot that it looks at does. Any
/// thread.
struct OpenFile final {
    static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

    Fd descriptor;
    std::shared_ptr<const Arena> arena;
    const protocol::netfs::SlotHeader* slot = nullptr;
    std::uint32_t capacity = 0;   ///< blocks
    std::uint64_t generation = 0; ///< the slot's, while the file is the cookie's
    /// The connection's number for it. Generations of another daemon may be the same.
    std::uint64_t serial = 0;

    [[nodiscard]] bool valid() const {
        return slot->generation.load(std::memory_order_acquire) == generation;
    }
    [[nodiscard]] std::uint64_t size() const {
        return slot->object_size.load(std::memory_order_acquire);
    }
    /// All of the blocks from the first to the last.
    [[nodiscard]] bool present(std::uint64_t first, std::uint64_t last) const;
    /// The first block at or after `from` that is present, or is not; `none`.
    [[nodiscard]] std::uint64_t next(std::uint64_t from, bool present) const;

private:
    [[nodiscard]] std::uint64_t word(std::uint64_t number) const;
};

} // namespace cachefiles::client
