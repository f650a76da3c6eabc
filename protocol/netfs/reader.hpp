// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "protocol/bytes.hpp"

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cachefiles::protocol::netfs {

/// Takes the fields of a message out of its bytes, one after the other. The first one that is cut
/// off, or has a value that it cannot have, fails all that follow. Has the same calls as Writer.
class Reader final {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    template<std::unsigned_integral T>
    void number(T& value) {
        value = 0;
        if (!check(rest_.size() >= sizeof value))
            return;
        value = load<std::endian::little, T>(rest_, 0);
        rest_.remove_prefix(sizeof value);
    }
    /// Which one flags() has made, or not: then its place holds 0.
    void number(std::optional<std::uint64_t>& value);

    template<std::unsigned_integral T>
    void reserved() {
        T value{};
        number(value);
        check(value == 0);
    }

    /// In 32 bits.
    template<typename Enum>
        requires std::is_enum_v<Enum>
    void choice(Enum& value, Enum last) {
        std::uint32_t number_of_it = 0;
        number(number_of_it);
        if (check(number_of_it <= static_cast<std::uint32_t>(last)))
            value = static_cast<Enum>(number_of_it);
    }

    /// 32 of them. The first is the lowest bit: a bool, or whether an optional has a value.
    template<typename... Flags>
    void flags(Flags&... values) {
        std::uint32_t bits = 0;
        number(bits);
        (take(bits, values), ...);
        check(bits == 0);
    }

    void text(std::string& value, std::size_t least, std::size_t most);
    void text(std::optional<std::string>& value, std::size_t most);
    void list(std::vector<std::uint32_t>& values, std::size_t most);

    /// Everything was as it should be, and there is nothing more.
    [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }

private:
    bool check(bool good) {
        failed_ = failed_ || !good;
        return !failed_;
    }
    static void take(std::uint32_t& bits, bool& value) {
        value = (bits & 1U) != 0;
        bits >>= 1U;
    }
    template<typename T>
    static void take(std::uint32_t& bits, std::optional<T>& value) {
        bool there = false;
        take(bits, there);
        value = there ? std::optional<T>(T{}) : std::nullopt;
    }

    std::string_view rest_;
    bool failed_ = false;
};

} // namespace cachefiles::protocol::netfs
