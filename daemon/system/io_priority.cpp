// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/io_priority.hpp"

#include <linux/ioprio.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cachefiles::daemon {

void set_io_priority(IoPriority priority) noexcept {
    // The middle of the best-effort class is what a thread has that never asked.
    const int value = priority == IoPriority::idle ? IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)
                                                   : IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4);
    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, value);
}

} // namespace cachefiles::daemon
