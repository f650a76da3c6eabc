// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/lock_file.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <string>

namespace cachefiles::index {
namespace {

/// The pid in the file; 0 if there is none, as when its holder has only just opened it.
pid_t holder(int fd) {
    std::array<char, 16> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
    pid_t pid = 0;
    if (size > 0)
        std::from_chars(text.data(), text.data() + size, pid);
    return pid;
}

/// "NAME (process PID)".
std::string describe(pid_t pid) {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), name);
    return name.empty() ? fmt::format("process {}", pid)
                        : fmt::format("{} (process {})", name, pid);
}

} // namespace

LockFile::LockFile(const std::filesystem::path& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (!fd_)
        throw SystemError("cannot open " + path.string());
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        if (error != EWOULDBLOCK)
            throw SystemError("cannot lock " + path.string(), error);
        throw SystemError(
            fmt::format("{} is locked by {}", path.string(), describe(holder(fd_.get()))), error);
    }
    // Only for the message above: if the disk is full, the lock holds all the same.
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd_.get(), 0) == 0 &&
        ::pwrite(fd_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        return;
}

} // namespace cachefiles::index
