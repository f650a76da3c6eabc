// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <mutex>

namespace cachefiles::mount {

/// Who reads a file from somewhere on, one piece after the other, is going to want what follows:
/// how much of it to get in advance. One for each open file; any thread.
class ReadAhead final {
public:
    struct Range {
        std::uint64_t start = 0; ///< of a block
        std::uint64_t end = 0;   ///< the same: nothing
    };

    /// A read; what to get now, in whole blocks. The window doubles up to `most` bytes while it
    /// goes on, and what was said before is not said again.
    [[nodiscard]] Range after(std::uint64_t start, std::uint64_t length, std::uint64_t most);

private:
    std::mutex mutex_;
    std::uint64_t next_ = 0; ///< a file's beginning counts as the second of two reads
    std::uint64_t window_ = 0;
    std::uint64_t ahead_ = 0; ///< said up to here
};

} // namespace cachefiles::mount
