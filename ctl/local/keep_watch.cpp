// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/keep_watch.hpp"

#include <algorithm>
#include <expected>
#include <utility>

namespace cachefiles::ctl {
namespace {

/// As much as a mount may be behind with storing.
constexpr std::uint64_t most_in_vain = 64 << 20;
/// Files that are looked at again; each is a descriptor.
constexpr std::size_t most_late = 64;

} // namespace

KeepWatch::KeepWatch(const CachedShares& shares, const Clock& clock,
                     std::chrono::nanoseconds patience)
    : shares_(shares), clock_(clock), patience_(patience), last_kept_(clock.monotonic()) {}

bool KeepWatch::read(int file, std::uint64_t bytes, CachedShare& before) {
    const bool kept = grown(file, before);
    const std::lock_guard lock(mutex_);
    return in_vain(bytes, kept);
}

bool KeepWatch::finished(Fd place, std::uint64_t bytes, CachedShare& before) {
    const bool kept = grown(place.get(), before);
    const std::lock_guard lock(mutex_);
    if (!before.whole()) {
        missing_ += before.missing();
        waiting_ += before.missing();
        late_.push_back({std::move(place), before});
    }
    if (late_.size() > most_late) {
        look_again(late_.front());
        forget_waiting(late_.front());
        late_.pop_front();
    }
    return in_vain(bytes, kept);
}

bool KeepWatch::settle() {
    const std::lock_guard lock(mutex_);
    settle_late();
    return waiting_ == 0;
}

void KeepWatch::give_up() {
    const std::lock_guard lock(mutex_);
    for (Late& late : late_)
        forget_waiting(late);
}

/// Looks at the file again: whether more of it is cached than there was.
bool KeepWatch::grown(int file, CachedShare& share) {
    const std::expected<CachedShare, int> now = shares_.of(file);
    if (!now)
        return false;
    const std::uint64_t before = std::exchange(share, *now).cached;
    if (now->cached <= before)
        return false;
    kept_ += now->cached - before;
    return true;
}

bool KeepWatch::in_vain(std::uint64_t bytes, bool kept) {
    const std::chrono::nanoseconds now = clock_.monotonic();
    bytes_in_vain_ += bytes;
    if (!kept && bytes_in_vain_ >= most_in_vain && now - last_kept_ >= patience_) {
        const std::uint64_t before = kept_;
        settle_late();
        kept = kept_ > before;
        if (!kept)
            return true;
    }
    if (kept) {
        bytes_in_vain_ = 0;
        last_kept_ = now;
    }
    return false;
}

void KeepWatch::look_again(Late& late) {
    const std::uint64_t before = late.share.missing();
    grown(late.place.get(), late.share);
    const std::uint64_t change = late.share.missing() - before; // which wraps to less
    missing_ += change;
    if (late.waited_for)
        waiting_ += change;
}

void KeepWatch::forget_waiting(Late& late) {
    if (std::exchange(late.waited_for, false))
        waiting_ -= late.share.missing();
}

void KeepWatch::settle_late() {
    for (Late& late : late_)
        look_again(late);
    std::erase_if(late_, [](const Late& late) { return late.share.whole(); });
}

} // namespace cachefiles::ctl
