// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/netfs/arena.hpp"
#include "daemon/netfs/slot.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <doctest/doctest.h>

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cachefiles::tests {

/// An arena as a client sees it.
class ClientArena final {
public:
    explicit ClientArena(const daemon::netfs::Arena& arena)
        : ClientArena(arena.open_for_client(), arena.size()) {}
    ClientArena(const Fd& given, std::size_t size)
        : size_(size), base_(mmap(nullptr, size, PROT_READ, MAP_SHARED, given.get(), 0)) {
        REQUIRE(base_ != MAP_FAILED);
    }
    ~ClientArena() { munmap(base_, size_); }
    ClientArena(const ClientArena&) = delete;
    ClientArena& operator=(const ClientArena&) = delete;

    [[nodiscard]] const protocol::netfs::SlotHeader& header(std::uint64_t offset) const {
        return *reinterpret_cast<const protocol::netfs::SlotHeader*>(
            static_cast<const std::byte*>(base_) + offset);
    }
    [[nodiscard]] const protocol::netfs::SlotHeader& header(const daemon::netfs::Slot& slot) const {
        return header(slot.offset());
    }
    [[nodiscard]] bool bit(std::uint64_t offset, std::uint64_t block) const {
        const auto* const words =
            reinterpret_cast<const std::atomic<std::uint64_t>*>(&header(offset) + 1);
        const std::uint64_t word = words[block / 64].load(std::memory_order_acquire);
        return (word >> (block % 64) & 1) != 0;
    }
    [[nodiscard]] bool bit(const daemon::netfs::Slot& slot, std::uint64_t block) const {
        return bit(slot.offset(), block);
    }
    /// Of all blocks that the slot has bits for.
    [[nodiscard]] std::uint64_t count(const daemon::netfs::Slot& slot) const {
        std::uint64_t set = 0;
        for (std::uint64_t block = 0; block < slot.capacity(); ++block)
            set += bit(slot, block) ? 1 : 0;
        return set;
    }

private:
    std::size_t size_;
    void* base_;
};

} // namespace cachefiles::tests
