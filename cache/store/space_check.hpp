// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/backend.hpp"

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace cachefiles::cache::store {

/// Below these nothing new is stored. In blocks of the file system (f_bsize) and in inodes; 0 is no
/// limit.
struct StopLimits {
    std::uint64_t blocks = 0;
    std::uint64_t files = 0;
};

/// What would be left of a file system, in inodes and in blocks (f_bsize).
struct Room {
    std::uint64_t files = 0; ///< the largest number where inodes are not limited
    std::uint64_t blocks = 0;
};

/// What room is asked for.
enum class SpaceUse { check, create, write };

/// Whether that is enough. Any thread, often.
using SpaceJudge = std::function<bool(const Room&, SpaceUse)>;

/// The driver's space check (command-protocol section 4). The store needs the stop limits only; a
/// judge, who keeps all of the watermarks, may stand in for them. Any thread.
class SpaceCheck final {
public:
    /// Room that a write under way was promised. Must not outlive the SpaceCheck.
    class Reservation final {
    public:
        Reservation(const Reservation&) = delete;
        Reservation& operator=(const Reservation&) = delete;
        Reservation(Reservation&& other) noexcept
            : check_(std::exchange(other.check_, nullptr)), blocks_(other.blocks_) {}
        Reservation& operator=(Reservation&&) = delete;
        ~Reservation() {
            if (check_ != nullptr)
                check_->writing_.fetch_sub(blocks_, std::memory_order_relaxed);
        }

    private:
        friend SpaceCheck;
        Reservation(SpaceCheck& check, std::uint64_t blocks) : check_(&check), blocks_(blocks) {}

        SpaceCheck* check_;
        std::uint64_t blocks_;
    };

    /// Of the file system of `directory`. `limits`, or if there is one `judge`, is asked at each
    /// check, from the thread that checks.
    SpaceCheck(int directory, std::function<StopLimits()> limits, SpaceJudge judge = {});

    /// Looks at what there is, for the judge's sake. Errors as below.
    std::expected<void, int> look() const { return check({0, writing()}, SpaceUse::check); }

    /// Whether so many files can be made. ENOSPC: below a limit; another errno: of fstatvfs(3).
    [[nodiscard]] std::expected<void, int> for_files(std::uint64_t files) const;
    /// Room for a write of so many bytes, before it begins. Errors as above.
    [[nodiscard]] std::expected<Reservation, int> for_write(std::uint64_t bytes);

    /// Blocks of writes under way: the driver's b_writing.
    [[nodiscard]] std::uint64_t writing() const { return writing_.load(std::memory_order_relaxed); }

private:
    struct Wanted {
        std::uint64_t files = 0;
        std::uint64_t blocks = 0; ///< with those of the writes under way
    };
    [[nodiscard]] std::expected<void, int> check(Wanted wanted, SpaceUse use) const;
    [[nodiscard]] bool enough(const Room& room, SpaceUse use) const;

    Fd directory_; ///< opened anew: it shares no lock with anybody
    std::function<StopLimits()> limits_;
    SpaceJudge judge_;
    std::uint64_t block_size_ = 4096;
    std::atomic<std::uint64_t> writing_ = 0;
};

/// For BackendFile::hold_space(): keeps the check as long as the room.
[[nodiscard]] std::expected<std::unique_ptr<SpaceHold>, int>
hold_space(const std::shared_ptr<SpaceCheck>& check, std::uint64_t bytes);

} // namespace cachefiles::cache::store
