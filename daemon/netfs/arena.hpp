// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/netfs/quota.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <vector>

namespace cachefiles::daemon::netfs {

class Slot;

/// The memory in which one client sees the content maps of its files (shared_map.hpp): a memfd that
/// nobody can resize and that only this process writes. It is sparse; what has been used once stays
/// in memory until the client has gone, and counts against `memory`.
///
/// Slots are of sizes that double, and storage stays of the size for which it was first given out.
/// So a generation is always at the same place, and never goes back. Any thread.
class Arena final : public std::enable_shared_from_this<Arena> {
public:
    /// It grows by so much; the memory is there before it is written, or a slot is refused.
    static constexpr std::size_t step = 64 << 10;

    /// `size` is rounded up to a step. Errors: errno.
    [[nodiscard]] static std::expected<std::shared_ptr<Arena>, int>
    make(std::size_t size, std::shared_ptr<Quota> memory);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    [[nodiscard]] std::size_t size() const { return size_; }
    /// For the client: it cannot be written, whoever has it. Empty on errors, with errno.
    [[nodiscard]] Fd open_for_client() const;

    /// One with room for so many blocks, or more. Errors: EMFILE, the client has no memory left;
    /// ENFILE, all together have none; ENOMEM.
    [[nodiscard]] std::expected<std::shared_ptr<Slot>, int> slot(std::uint32_t blocks);

private:
    friend class Slot;

    static constexpr std::size_t smallest = 128; ///< a header, and bits for 128 MiB
    static constexpr std::size_t sizes = 28;

    struct Place {
        std::size_t offset = 0;
        std::size_t size_class = 0;
    };

    Arena(Fd memory, std::byte* base, std::size_t size, std::shared_ptr<Quota> quota);

    [[nodiscard]] std::expected<Place, int> find_place(std::size_t size_class);
    [[nodiscard]] int grow_to(std::size_t top);
    void give_back(const Place& place);

    const Fd memory_;
    std::byte* const base_;
    const std::size_t size_;
    const std::shared_ptr<Quota> quota_;

    std::mutex mutex_; ///< guards what follows
    std::size_t top_ = 0;
    std::size_t backed_ = 0; ///< a multiple of step
    std::vector<Quota::Share> shares_;
    std::array<std::vector<std::size_t>, sizes> free_;
};

} // namespace cachefiles::daemon::netfs
