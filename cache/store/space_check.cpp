// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/space_check.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <cerrno>

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

SpaceCheck::SpaceCheck(int directory, std::function<StopLimits()> limits)
    : directory_(openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)),
      limits_(std::move(limits)) {
    struct statvfs status{};
    if (fstatvfs(directory_.get(), &status) == 0 && status.f_bsize > 0)
        block_size_ = status.f_bsize;
}

std::expected<void, int> SpaceCheck::for_files(std::uint64_t files) const {
    return check(files, 0, writing());
}

std::expected<SpaceCheck::Reservation, int> SpaceCheck::for_write(std::uint64_t bytes) {
    const std::uint64_t blocks = bytes / block_size_ + (bytes % block_size_ != 0 ? 1 : 0);
    // Reserved first: of two writes that come at once, each sees the other.
    const std::uint64_t before = writing_.fetch_add(blocks, std::memory_order_relaxed);
    Reservation reservation(*this, blocks);
    if (const std::expected<void, int> room = check(0, blocks, before); !room)
        return std::unexpected(room.error());
    return reservation;
}

std::expected<void, int> SpaceCheck::check(std::uint64_t files, std::uint64_t blocks,
                                           std::uint64_t writing) const {
    struct statvfs status{};
    if (fstatvfs(directory_.get(), &status) != 0)
        return std::unexpected(errno);
    const StopLimits limits = limits_ ? limits_() : StopLimits();
    const bool few_files = status.f_files > 0 && less(status.f_ffree, files) < limits.files;
    if (few_files || less(less(status.f_bavail, writing), blocks) < limits.blocks)
        return std::unexpected(ENOSPC);
    return {};
}

std::expected<std::unique_ptr<SpaceHold>, int> hold_space(const std::shared_ptr<SpaceCheck>& check,
                                                          std::uint64_t bytes) {
    std::expected<SpaceCheck::Reservation, int> reservation = check->for_write(bytes);
    if (!reservation)
        return std::unexpected(reservation.error());
    return std::make_unique<Hold>(check, *std::move(reservation));
}

} // namespace cachefiles::cache::store
