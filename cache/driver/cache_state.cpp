// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/cache_state.hpp"

#include <poll.h>

#include <utility>

namespace cachefiles::cache::driver {

CacheState::CacheState(Model& model, std::shared_ptr<NoSpace> no_space, std::function<void()> wake)
    : model_(model), no_space_(std::move(no_space)), wake_(std::move(wake)) {}

void CacheState::set_record(CachePtr record) {
    const std::lock_guard lock(mutex_);
    record_ = std::move(record);
}

bool CacheState::judge(const store::Room& room, store::SpaceUse use) {
    if (room.files < limits_.files.stop || room.blocks < limits_.blocks.stop) {
        if (use == store::SpaceUse::write)
            ++no_space_->writes;
        else if (use == store::SpaceUse::create)
            ++no_space_->creates;
        begin_culling();
        return false;
    }
    if (room.files < limits_.files.cull || room.blocks < limits_.blocks.cull) {
        begin_culling();
        return true;
    }
    if (room.files >= limits_.files.run && room.blocks >= limits_.blocks.run &&
        culling_.exchange(false))
        change();
    return true;
}

void CacheState::begin_culling() {
    if (!culling_.exchange(true))
        change();
}

void CacheState::released(std::uint64_t sectors) {
    released_sectors_ += sectors;
    ++released_files_;
    change();
}

/// The flag first, then everybody is woken: so edge-triggered pollers miss nothing.
void CacheState::change() {
    changed_ = true;
    const std::lock_guard lock(mutex_);
    if (wake_)
        wake_();
}

void CacheState::io_error(const std::string& what) {
    dead_ = true;
    CachePtr record;
    {
        const std::lock_guard lock(mutex_);
        record = record_;
    }
    if (record)
        model_.io_error(record, what);
}

short CacheState::poll() const {
    return static_cast<short>((changed_ ? POLLIN : 0) | (culling_ ? POLLOUT : 0));
}

protocol::StateLine CacheState::take() {
    protocol::StateLine line;
    line.freleased = released_files_.exchange(0);
    line.breleased = released_sectors_.exchange(0);
    changed_ = false;
    line.culling = culling_;
    line.frun = limits_.files.run;
    line.fcull = limits_.files.cull;
    line.fstop = limits_.files.stop;
    line.brun = limits_.blocks.run;
    line.bcull = limits_.blocks.cull;
    line.bstop = limits_.blocks.stop;
    return line;
}

void CacheState::stop_waking() {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
}

} // namespace cachefiles::cache::driver
