// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "ctl/local/cached_share.hpp"
#include "ctl/local/complaints.hpp"
#include "ctl/local/tree_walk.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::ctl {

struct WarmOptions {
    std::vector<std::string> paths;
    unsigned jobs = 1;                  ///< files at a time
    std::uint64_t bytes_per_second = 0; ///< of all together; 0: no limit
    /// As long as a mount may take to store what was read.
    std::chrono::nanoseconds patience = std::chrono::seconds(10);
};

/// How far it came.
struct WarmCount {
    std::uint64_t files = 0; ///< read to their end
    std::uint64_t bytes = 0; ///< read
    std::uint64_t there = 0; ///< files that were cached already
    std::uint64_t there_bytes = 0;
    std::uint64_t kept = 0;       ///< bytes that came into the cache
    std::uint64_t missing = 0;    ///< bytes that were read and did not
    std::uint64_t unreadable = 0; ///< files and directories
    bool in_vain = false;         ///< it ended because nothing is kept
};

/// Reads trees through their cachefiles-mounts, so that they get into the cache: what is there
/// already is passed over. Threads of its own read; signals are not theirs. The page cache stays
/// as it is, as far as possible: what was read leaves it again.
class Warmer final {
public:
    /// `shares` is kept, since a thread that hangs in a source is left alone in the end.
    /// Errors: SystemError, if there can be no threads.
    Warmer(const WarmOptions& options, std::shared_ptr<const CachedShares> shares);
    /// stop(), and waits a little for the threads.
    ~Warmer();
    Warmer(const Warmer&) = delete;
    Warmer& operator=(const Warmer&) = delete;

    /// Can be read when all is done, and what was read has come into the cache, or it is known that
    /// it will not.
    [[nodiscard]] int done_fd() const;
    /// Nothing more is begun.
    void stop();
    [[nodiscard]] WarmCount count() const;
    [[nodiscard]] Complaints& complaints();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace cachefiles::ctl
