// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/bytes.hpp"
#include "protocol/netfs/messages.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Packets that are wrong in one thing.
namespace cachefiles::tests {

/// With other bytes from `offset` on.
inline std::string with(std::string packet, std::size_t offset, std::string_view bytes) {
    return packet.replace(offset, bytes.size(), bytes);
}

template<std::unsigned_integral T>
std::string with_number(const std::string& packet, std::size_t offset, T value) {
    std::string bytes;
    protocol::append<std::endian::little>(bytes, value);
    return with(packet, offset, bytes);
}

/// The header says what the length is.
inline std::string with_true_length(const std::string& packet) {
    return with_number(packet, 12, static_cast<std::uint32_t>(packet.size()));
}

/// Cut off at every place at which there is still a whole header, which tells the new length.
inline std::vector<std::string> cut_bodies(const std::string& packet) {
    std::vector<std::string> cut;
    for (std::size_t size = protocol::netfs::header_size; size < packet.size(); ++size)
        cut.push_back(with_true_length(packet.substr(0, size)));
    return cut;
}

/// Every packet that differs from this one by a bit, and has the length that its header tells.
inline std::vector<std::string> flipped(const std::string& packet) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < packet.size() * 8; ++i) {
        std::string other = packet;
        other[i / 8] = static_cast<char>(static_cast<unsigned char>(other[i / 8]) ^ (1U << i % 8));
        all.push_back(other);
    }
    return all;
}

inline const std::string every_byte = [] {
    std::string bytes;
    for (int value = 0; value < 255; ++value)
        bytes += static_cast<char>(value);
    return bytes;
}();

} // namespace cachefiles::tests
