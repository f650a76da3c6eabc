// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/map_mirror.hpp"
#include "daemon/netfs/arena.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace cachefiles::daemon::netfs {

/// A content map that a client sees, of one file, from the making of this to end(). Its storage
/// goes back to the arena when the last reference has gone. Any thread.
class Slot final : public cache::MapMirror {
public:
    Slot(std::shared_ptr<Arena> arena, const Arena::Place& place);
    ~Slot() override;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    /// An empty map, under a new generation. Before anybody calls anything else; once.
    void begin(std::uint64_t object_size);

    // cache::MapMirror. Blocks beyond the capacity are never shown.
    void set(std::uint64_t first, std::uint64_t count) override;
    void clear(std::uint64_t first, std::uint64_t count) override;
    void resized(std::uint64_t object_size) override;
    /// Also for whoever has another slot, or no client any more; more than once does no harm.
    void end() override;

    /// Of the file now; nothing that a client was told before clear() or end() is it. 0: ended.
    [[nodiscard]] std::uint64_t generation() const;
    [[nodiscard]] std::uint64_t offset() const { return place_.offset; }
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; } ///< blocks

private:
    using Word = std::atomic<std::uint64_t>;
    enum class To { ones, zeros };

    void change(std::uint64_t first, std::uint64_t count, To to);
    void move_generation(std::uint64_t to);

    const std::shared_ptr<Arena> arena_;
    const Arena::Place place_;
    protocol::netfs::SlotHeader& header_;
    Word* const words_;
    const std::uint32_t capacity_;

    std::mutex mutex_;
    bool live_ = false;
};

} // namespace cachefiles::daemon::netfs
