// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace cachefiles::campaign {

/// The finalizer of splitmix64: every bit of the result depends on every bit of the argument.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/// Numbers that are the same everywhere for the same seed, which the standard's distributions do
/// not promise. One thread.
class Random final {
public:
    explicit Random(std::uint64_t seed) : state_(mixed(seed)) {}

    [[nodiscard]] std::uint64_t next() { return mixed(state_ += 0x9e3779b97f4a7c15); }
    /// 0 to limit - 1; `limit` is not 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    [[nodiscard]] bool one_in(std::uint64_t count) { return below(count) == 0; }

private:
    std::uint64_t state_;
};

} // namespace cachefiles::campaign
