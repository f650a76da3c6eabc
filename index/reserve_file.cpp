// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reserve_file.hpp"

#include "base/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <utility>

namespace cachefiles::index {

ReserveFile::ReserveFile(std::filesystem::path path, std::uint64_t bytes)
    : path_(std::move(path)), bytes_(bytes) {
    struct stat status{};
    there_ = bytes_ != 0 && ::lstat(path_.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
             static_cast<std::uint64_t>(status.st_blocks) * 512 >= bytes_;
}

bool ReserveFile::make() {
    if (there_ || bytes_ == 0 || free_space() / 2 < bytes_)
        return there_;
    const Fd fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd)
        return false;
    // Returns its error; where the file system has no such call, glibc writes to each block.
    there_ = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes_)) == 0;
    if (!there_)
        ::unlink(path_.c_str());
    return there_;
}

bool ReserveFile::give_up() {
    const bool was_there = std::exchange(there_, false);
    return was_there && ::unlink(path_.c_str()) == 0;
}

std::uint64_t ReserveFile::free_space() const {
    struct statvfs space{};
    if (::statvfs(path_.parent_path().c_str(), &space) != 0)
        return UINT64_MAX;
    return std::uint64_t{space.f_bavail} * space.f_frsize;
}

} // namespace cachefiles::index
