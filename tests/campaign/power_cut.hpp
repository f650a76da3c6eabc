// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/campaign/write_log.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace cachefiles::campaign {

/// What is on a disk after the power was cut when `entries` of the log were complete: everything
/// up to the last flush, what was written through the disk's cache since, and of the rest any part.
class PowerCut final {
public:
    using Write = std::function<void(std::uint64_t offset, std::span<const std::byte> data)>;

    /// `entries`: at most as many as the log has. The log must outlive this.
    PowerCut(const WriteLog& log, std::size_t entries);

    /// Of the log: what was flushed. Cuts later in the log have it all, and more.
    [[nodiscard]] std::size_t flushed() const { return flushed_; }
    /// The text of the last mark before the cut; empty if there is none.
    [[nodiscard]] std::string last_mark() const;

    /// What is on the disk for certain, from entry `from` on: with 0 onto a blank disk, else onto
    /// one that has what an earlier cut's flushed() says.
    void write_flushed(std::size_t from, const Write& write) const;
    /// Onto that: of what came after the flush, what the seed lets live, by pieces of 4 KiB. All of
    /// it lives with one seed in eight, nothing with another.
    void write_rest(std::uint64_t seed, const Write& write) const;

private:
    const WriteLog& log_;
    std::size_t entries_;
    std::size_t flushed_ = 0; ///< entries before the one that flushes
};

} // namespace cachefiles::campaign
