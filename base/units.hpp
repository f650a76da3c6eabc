// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles {

/// "500G", "1.5TiB", "4096": bytes. K M G T P (and KiB, KB, k, kib...) are powers of 1024.
/// Nothing for anything else, for a negative number and for what does not fit 63 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// "90", "90s", "15m", "12h", "30d", "2w", "1y" (365 days): seconds. Several may follow each
/// other ("1d12h"). Nothing for anything else and for what does not fit.
[[nodiscard]] std::optional<Seconds> parse_duration(std::string_view text);

/// "1.5 GiB"; exact below 1 KiB.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// "3d 4h", "2min 5s": at most two units.
[[nodiscard]] std::string format_duration(Seconds seconds);

} // namespace cachefiles
