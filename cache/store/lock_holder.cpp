// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/lock_holder.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <sstream>

namespace cachefiles::cache::store {

std::string lock_holder(int fd) {
    struct stat status{};
    if (fstat(fd, &status) == 0) {
        const std::string file = fmt::format("{:02x}:{:02x}:{}", major(status.st_dev),
                                             minor(status.st_dev), status.st_ino);
        std::ifstream locks("/proc/locks");
        for (std::string line; std::getline(locks, line);) {
            // "1: FLOCK  ADVISORY  WRITE 123 fe:00:456 0 EOF"
            std::istringstream words(line);
            std::string number, type, kind, access, inode;
            long pid = 0;
            if (!(words >> number >> type >> kind >> access >> pid >> inode) || inode != file ||
                type != "FLOCK" || pid <= 0)
                continue;
            std::string name;
            std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), name);
            return fmt::format("process {} ({})", pid, name.empty() ? "unknown" : name);
        }
    }
    return "another process";
}

} // namespace cachefiles::cache::store
