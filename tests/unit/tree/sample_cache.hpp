// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "index/index.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace cachefiles::tests {

/// A cache directory as the driver leaves it, with an index beside it. Its clock stands at a time
/// at which every file made before counts as old.
class SampleCache final {
public:
    SampleCache();

    /// Makes an object of 4 KiB, last used at that time. Returns its path. The fan-out directory
    /// is the one where the driver looks for it.
    std::filesystem::path add(const std::string& volume, const std::string& key, Seconds last_use);
    /// Gives every directory of the volume a time long ago, as if nothing had changed since.
    void settle(const std::string& volume);

    [[nodiscard]] std::filesystem::path cache() const { return root() / "cache"; }
    [[nodiscard]] std::filesystem::path root() const { return directory_.path() / "fscache"; }
    [[nodiscard]] static std::uint8_t fanout(const std::string& volume, const std::string& key);

private:
    TemporaryDirectory directory_;

public:
    SimulatedClock clock;
    RecordingLog log;
    std::unique_ptr<index::Index> index;
    std::unique_ptr<daemon::CacheTree> tree;
};

} // namespace cachefiles::tests
