// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/verb.hpp"

#include <cstdint>
#include <expected>
#include <string_view>

/// What the driver makes of the arguments of its commands (command protocol, sections 3, 7 and 11;
/// Linux 6.1 to 6.12, 64-bit). Errors are the errno that the write() answers. What depends on the
/// state of the cache (EBUSY, EEXIST, EIO...) is the caller's.
namespace cachefiles::protocol {

enum class BindMode { plain, on_demand };

/// Nothing or "ondemand", else EINVAL; a plain build knows only the former.
[[nodiscard]] std::expected<BindMode, int> parse_bind(std::string_view argument, DriverBuild build);

/// "7%". No digits at all are 0, and the number wraps modulo 2^64; EINVAL for anything else. The
/// range is the business of Limits::write().
[[nodiscard]] std::expected<std::uint64_t, int> parse_percent(std::string_view argument);

/// The mask for `debug`: decimal, 0x hex or 0 octal, nothing is 0, wraps modulo 2^64 (the driver
/// keeps the low 32 bits); EINVAL for anything else.
[[nodiscard]] std::expected<std::uint64_t, int> parse_debug(std::string_view argument);

/// The argument of dir, tag and secctx: EINVAL if there is none.
[[nodiscard]] std::expected<std::string_view, int> parse_text(std::string_view argument);

/// The argument of cull and inuse. EINVAL for a slash comes before every other check of the driver;
/// EIO for a name that no entry can have comes after those of the cache's state (EIO) and of the
/// working directory (ENOTDIR), and before those that need the directory.
[[nodiscard]] std::expected<std::string_view, int> parse_victim(std::string_view argument);

/// The answer to an OPEN message.
struct Copen {
    std::uint64_t id = 0;                   ///< of the message
    std::expected<std::uint64_t, int> size; ///< bytes, or the errno with which the open fails
    int reply = 0;                          ///< what the write() answers: 0 or an errno

    bool operator==(const Copen&) const = default;
};

/// "ID,SIZE". An error means that no message is answered. With a size that is wrong the message
/// *is* answered, by failing: that is in the Copen.
[[nodiscard]] std::expected<Copen, int> parse_copen(std::string_view argument);

} // namespace cachefiles::protocol
