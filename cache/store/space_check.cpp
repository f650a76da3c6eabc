// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/space_check.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <limits>

namespace cachefiles::cache::store {
namespace {

std::uint64_t less(std::uint64_t from, std::uint64_t what) {
    return from > what ? from - what : 0;
}

class Hold final : public SpaceHold {
public:
    Hold(std::shared_ptr<SpaceCheck> check, SpaceCheck::Reservation reservation)
        : check_(std::move(check)), reservation_(std::move(reservation)) {}

private:
    std::shared_ptr<SpaceCheck> check_;
    SpaceCheck::Reservation reservation_; // goes first
};

} // namespace

SpaceCheck::SpaceCheck(int directory, std::function<StopLimits()> limits, SpaceJudge judge)
    : directory_(openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)),
      limits_(std::move(limits)), judge_(std::move(judge)) {
    struct statvfs status{};
    if (fstatvfs(directory_.get(), &status) == 0 && status.f_bsize > 0)
        block_size_ = status.f_bsize;
}

std::expected<void, int> SpaceCheck::for_files(std::uint64_t files) const {
    return check({files, writing()}, SpaceUse::create);
}

std::expected<SpaceCheck::Reservation, int> SpaceCheck::for_write(std::uint64_t bytes) {
    const std::uint64_t blocks = bytes / block_size_ + (bytes % block_size_ != 0 ? 1 : 0);
    // Reserved first: of two writes that come at once, each sees the other.
    const std::uint64_t before = writing_.fetch_add(blocks, std::memory_order_relaxed);
    Reservation reservation(*this, blocks);
    if (const auto room = check({0, before + blocks}, SpaceUse::write); !room)
        return std::unexpected(room.error());
    return reservation;
}

std::expected<void, int> SpaceCheck::check(Wanted wanted, SpaceUse use) const {
    struct statvfs status{};
    if (fstatvfs(directory_.get(), &status) != 0)
        return std::unexpected(errno);
    Room room{std::numeric_limits<std::uint64_t>::max(), less(status.f_bavail, wanted.blocks)};
    if (status.f_files > 0)
        room.files = less(status.f_ffree, wanted.files);
    if (!enough(room, use))
        return std::unexpected(ENOSPC);
    return {};
}

bool SpaceCheck::enough(const Room& room, SpaceUse use) const {
    if (judge_)
        return judge_(room, use);
    const StopLimits limits = limits_ ? limits_() : StopLimits();
    return room.files >= limits.files && room.blocks >= limits.blocks;
}

std::expected<std::unique_ptr<SpaceHold>, int> hold_space(const std::shared_ptr<SpaceCheck>& check,
                                                          std::uint64_t bytes) {
    std::expected<SpaceCheck::Reservation, int> reservation = check->for_write(bytes);
    if (!reservation)
        return std::unexpected(reservation.error());
    return std::make_unique<Hold>(check, *std::move(reservation));
}

} // namespace cachefiles::cache::store
