// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::daemon {

enum class IoPriority {
    idle, ///< only when nobody else wants the disk
    normal,
};

/// Of the calling thread (ioprio_set(2)). Without effect where the I/O scheduler knows none.
void set_io_priority(IoPriority priority) noexcept;

} // namespace cachefiles::daemon
