// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/io_priority.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace cachefiles::daemon {
namespace {

// ioprio_set(2). Newer versions of linux/ioprio.h (6.1.192) are no C++.
constexpr int who_process = 1;
constexpr int class_best_effort = 2;
constexpr int class_idle = 3;
constexpr int class_shift = 13;
constexpr int middle_level = 4; // what a thread has that never asked

} // namespace

void set_io_priority(IoPriority priority) noexcept {
    const int value = priority == IoPriority::idle
                          ? class_idle << class_shift
                          : class_best_effort << class_shift | middle_level;
    syscall(SYS_ioprio_set, who_process, 0, value);
}

} // namespace cachefiles::daemon
