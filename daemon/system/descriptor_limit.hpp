// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace cachefiles::daemon {

/// Raises the soft limit of open files as far as the hard one allows, and returns it. Nothing here
/// uses select(2), for which it is low by default.
std::uint64_t raise_descriptor_limit() noexcept;

} // namespace cachefiles::daemon
