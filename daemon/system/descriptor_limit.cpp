// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/descriptor_limit.hpp"

#include <sys/resource.h>

namespace cachefiles::daemon {

std::uint64_t raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024; // what everybody has
    if (limit.rlim_cur < limit.rlim_max) {
        const rlimit raised{limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    return limit.rlim_cur;
}

} // namespace cachefiles::daemon
