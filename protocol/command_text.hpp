// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/command_argument.hpp"
#include "protocol/limit_window.hpp"
#include "protocol/verb.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// The bytes of commands, one write() each, without a newline.
namespace cachefiles::protocol {

/// Why the command language cannot say something.
enum class CommandRefusal {
    empty,
    leading_space, ///< would be skipped
    newline,       ///< would end the command
    nul,
    too_long,     ///< beyond max_command, or a name beyond max_file_name
    slash,        ///< in a name
    dot,          ///< the names "." and ".."
    out_of_range, ///< a size or an errno
};

/// A sentence about it, to follow the name and a colon.
[[nodiscard]] std::string_view refusal_text(CommandRefusal refusal);

/// A command with a text for its argument: dir, tag, secctx, cull, inuse. The last two take the
/// name of an entry of the writing thread's working directory.
[[nodiscard]] std::expected<std::string, CommandRefusal> format_text(Verb verb,
                                                                     std::string_view argument);

/// One of the six percentages.
[[nodiscard]] std::string format_limit(const LimitWrite& write);

[[nodiscard]] std::string format_bind(BindMode mode);
[[nodiscard]] std::string format_debug(std::uint32_t mask);
[[nodiscard]] std::string format_restore();

/// The answer to the OPEN message `id`: a size of at most 2^63-1 bytes, or an errno of 1 .. 4095.
[[nodiscard]] std::expected<std::string, CommandRefusal>
format_copen(std::uint32_t id, std::expected<std::uint64_t, int> size);

} // namespace cachefiles::protocol
