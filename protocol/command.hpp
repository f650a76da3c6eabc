// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/verb.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace cachefiles::protocol {

/// Bytes in one write() to the driver: a page less one.
inline constexpr std::size_t max_command = 4095;

/// One write() to the driver, taken apart.
struct Command {
    Verb verb{};
    std::string argument; ///< without leading whitespace; trailing whitespace belongs to it

    bool operator==(const Command&) const = default;
};

/// What the driver understands of the bytes of one write(), or the errno it answers: EOPNOTSUPP or
/// EINVAL (command protocol, section 2, steps 2 to 8; Linux 6.1 to 6.12). Text after the first
/// newline is discarded, and the write still counts as complete. That the cache is dead (EIO) comes
/// before all of this, and is the caller's to know.
[[nodiscard]] std::expected<Command, int> parse_command(std::string_view bytes, DriverBuild build);

/// What the driver takes for whitespace: ASCII's, and 0xA0.
[[nodiscard]] bool is_command_space(char c);

} // namespace cachefiles::protocol
