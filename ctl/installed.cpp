// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/installed.hpp"

#include <algorithm>
#include <array>
#include <system_error>

namespace cachefiles::ctl {

bool is_installed(const std::filesystem::path& root) {
    static constexpr std::array places{
        "usr/sbin/cachefilesd",
        "usr/local/sbin/cachefilesd",
        "sbin/cachefilesd",
        "etc/systemd/system/cachefilesd.service",
        "usr/local/lib/systemd/system/cachefilesd.service",
        "usr/lib/systemd/system/cachefilesd.service",
        "lib/systemd/system/cachefilesd.service",
    };
    return std::ranges::any_of(places, [&](const char* place) {
        std::error_code ignored;
        return std::filesystem::exists(root / place, ignored);
    });
}

} // namespace cachefiles::ctl
