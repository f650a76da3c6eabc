// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <utility>

namespace cachefiles::cache {

/// Flags by the names of an enumeration whose values are single bits. Not thread-safe.
template<typename Flag>
class FlagSet final {
public:
    [[nodiscard]] bool test(Flag flag) const { return (bits_ & std::to_underlying(flag)) != 0; }
    [[nodiscard]] std::uint32_t bits() const { return bits_; }

    void set(Flag flag) { bits_ |= std::to_underlying(flag); }
    void clear(Flag flag) { bits_ &= ~std::to_underlying(flag); }

    /// These say what was there before.
    bool test_and_set(Flag flag) {
        const bool was = test(flag);
        set(flag);
        return was;
    }
    bool test_and_clear(Flag flag) {
        const bool was = test(flag);
        clear(flag);
        return was;
    }

private:
    std::uint32_t bits_ = 0;
};

} // namespace cachefiles::cache
