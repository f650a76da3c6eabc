// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace cachefiles::daemon {

/// The name that was probably meant by `word`: the nearest one, if at most a third of its letters
/// differ (a letter more, less, another one, or two swapped; case and "_" for "-" are free).
[[nodiscard]] std::optional<std::string_view> suggestion(std::string_view word,
                                                         std::span<const std::string_view> names);

} // namespace cachefiles::daemon
