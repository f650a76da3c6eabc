// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

/// Fixed-width numbers in strings of bytes. Offsets are the caller's to check.
namespace cachefiles::protocol {

template<std::endian order, std::unsigned_integral T>
[[nodiscard]] T load(std::string_view bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return order == std::endian::native ? value : std::byteswap(value);
}

template<std::endian order, std::unsigned_integral T>
void append(std::string& bytes, T value) {
    if (order != std::endian::native)
        value = std::byteswap(value);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof raw);
}

} // namespace cachefiles::protocol
