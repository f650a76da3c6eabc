// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/read_ahead.hpp"

#include "mount/block_size.hpp"

#include <algorithm>

namespace cachefiles::mount {
namespace {

/// The kernel reads ahead by itself, in several requests that arrive in any order.
constexpr std::uint64_t disorder = std::uint64_t{1} << 20;
constexpr std::uint64_t first_window = 2 * block_size;

} // namespace

ReadAhead::Range ReadAhead::after(std::uint64_t start, std::uint64_t length, std::uint64_t most) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t end = start + length;
    const bool goes_on = start <= next_ + disorder && end + disorder >= next_;
    if (!goes_on) {
        window_ = 0;
        ahead_ = 0;
        next_ = end;
        return {};
    }
    next_ = std::max(next_, end);
    window_ = std::min(most, std::max(first_window, window_ * 2));
    const std::uint64_t from = std::max(ahead_, (next_ + block_size - 1) / block_size * block_size);
    const std::uint64_t to = (next_ + window_) / block_size * block_size;
    if (to <= from)
        return {};
    ahead_ = to;
    return {from, to};
}

} // namespace cachefiles::mount
