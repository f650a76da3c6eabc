// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/space_watch.hpp"

#include <atomic>
#include <cstdint>
#include <functional>

namespace cachefiles::daemon {

/// The watermarks, for those who store: below `stop` nothing new is stored, and below `cull` room
/// is asked for, as the driver does in its own space check (command-protocol section 4). Any
/// thread.
class SpaceGate final {
public:
    /// `low` is called, by whoever looks, each time that there is less than `cull`. It must be
    /// quick.
    explicit SpaceGate(std::function<void()> low) : low_(std::move(low)) {}

    /// Before, nothing is limited.
    void set(const cull::SpaceWatch::Thresholds& thresholds) {
        stop_blocks_ = thresholds.bstop;
        stop_files_ = thresholds.fstop;
        cull_blocks_ = thresholds.bcull;
        cull_files_ = thresholds.fcull;
    }

    /// Whether this much, left over, is enough to store something.
    [[nodiscard]] bool enough(std::uint64_t files, std::uint64_t blocks) const {
        if (files < cull_files_ || blocks < cull_blocks_)
            low_();
        return files >= stop_files_ && blocks >= stop_blocks_;
    }

private:
    std::function<void()> low_;
    std::atomic<std::uint64_t> stop_blocks_{0};
    std::atomic<std::uint64_t> stop_files_{0};
    std::atomic<std::uint64_t> cull_blocks_{0};
    std::atomic<std::uint64_t> cull_files_{0};
};

} // namespace cachefiles::daemon
