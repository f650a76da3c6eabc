// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/bytes.hpp"
#include "protocol/netfs/messages.hpp"
#include "tests/fuzz/require.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

/// The input with the length that it has in its header: what a fuzzer changes is nearly always
/// wrong in that, and would not get any further.
inline std::string with_true_length(const std::uint8_t* data, std::size_t size) {
    std::string packet(as_text(data, size));
    if (size >= cachefiles::protocol::netfs::header_size) {
        std::string length;
        cachefiles::protocol::append<std::endian::little>(length, static_cast<std::uint32_t>(size));
        packet.replace(12, length.size(), length);
    }
    return packet;
}
