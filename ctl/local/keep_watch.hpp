// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "ctl/local/cached_share.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>

namespace cachefiles::ctl {

/// Whether what is read is kept in the cache. The mount stores behind the reader's back, so that a
/// file may be there a little later than it was read; those that are not are looked at again.
/// Thread: any.
class KeepWatch final {
public:
    /// `patience`: as long as a mount may be behind with storing.
    KeepWatch(const CachedShares& shares, const Clock& clock, std::chrono::nanoseconds patience);

    /// So many more bytes of a file were read; `before` is what was cached of it, and becomes what
    /// is. True: for long enough nothing was kept, reading on is in vain.
    [[nodiscard]] bool read(int file, std::uint64_t bytes, CachedShare& before);
    /// The same at the end of a file, of which `place` is taken.
    [[nodiscard]] bool finished(Fd place, std::uint64_t bytes, CachedShare& before);

    /// Looks again at the files that were not kept when they ended. True: none is waited for.
    [[nodiscard]] bool settle();
    /// Those that are not kept so far are not waited for any more: written a moment ago, perhaps,
    /// which a mount does not store.
    void give_up();

    // Bytes. None of these waits for the mount.
    /// What was read and is not kept, but may be yet.
    [[nodiscard]] std::uint64_t waiting() const { return waiting_; }
    /// What came into the cache.
    [[nodiscard]] std::uint64_t kept() const { return kept_; }
    /// What was read to its end and is not in the cache, as far as it is known.
    [[nodiscard]] std::uint64_t missing() const { return missing_; }

private:
    struct Late {
        Fd place;
        CachedShare share;
        bool waited_for = true;
    };

    bool grown(int file, CachedShare& share);
    void look_again(Late& late);
    void forget_waiting(Late& late);
    void settle_late();
    bool in_vain(std::uint64_t bytes, bool kept);

    const CachedShares& shares_;
    const Clock& clock_;
    std::chrono::nanoseconds patience_;
    std::atomic<std::uint64_t> kept_ = 0, missing_ = 0, waiting_ = 0;
    std::mutex mutex_; ///< of what is below
    std::deque<Late> late_;
    std::uint64_t bytes_in_vain_ = 0;
    std::chrono::nanoseconds last_kept_;
};

} // namespace cachefiles::ctl
