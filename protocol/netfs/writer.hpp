// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "protocol/bytes.hpp"

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cachefiles::protocol::netfs {

/// Puts the fields of a message behind one another. Has the same calls as Reader; limits are the
/// caller's to keep.
class Writer final {
public:
    template<std::unsigned_integral T>
    void number(T value) {
        append<std::endian::little>(bytes_, value);
    }
    void number(const std::optional<std::uint64_t>& value) { number(value.value_or(0)); }

    template<std::unsigned_integral T>
    void reserved() {
        number(T{});
    }

    template<typename Enum>
        requires std::is_enum_v<Enum>
    void choice(Enum value, Enum /*last*/) {
        number(static_cast<std::uint32_t>(value));
    }

    template<typename... Flags>
    void flags(const Flags&... values) {
        std::uint32_t bits = 0;
        std::uint32_t bit = 1;
        ((bits |= is_set(values) ? bit : 0, bit <<= 1U), ...);
        number(bits);
    }

    void text(const std::string& value, std::size_t /*least*/, std::size_t /*most*/) {
        number(static_cast<std::uint16_t>(value.size()));
        bytes_ += value;
    }
    void text(const std::optional<std::string>& value, std::size_t most) {
        text(value.value_or(std::string()), 0, most);
    }
    void list(const std::vector<std::uint32_t>& values, std::size_t /*most*/) {
        number(static_cast<std::uint32_t>(values.size()));
        for (const std::uint32_t value : values)
            number(value);
    }

    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    static bool is_set(bool value) { return value; }
    template<typename T>
    static bool is_set(const std::optional<T>& value) {
        return value.has_value();
    }

    std::string bytes_;
};

} // namespace cachefiles::protocol::netfs
