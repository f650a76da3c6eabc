// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/pid_file.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <string>

namespace cachefiles::daemon {
namespace {

std::string first_line(int file) {
    std::array<char, 32> buffer{};
    const ssize_t length = pread(file, buffer.data(), buffer.size(), 0);
    const std::string text(buffer.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
    return text.substr(0, text.find('\n'));
}

} // namespace

PidFile::PidFile(std::filesystem::path path)
    : path_(std::move(path)),
      file_(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) {
    if (!file_)
        throw SystemError(fmt::format("cannot write {}", path_.native()));
    if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        throw SystemError(
            fmt::format("{} is held by process {}", path_.native(), first_line(file_.get())),
            error);
    }
    const std::string text = fmt::format("{}\n", getpid());
    if (ftruncate(file_.get(), 0) != 0 ||
        pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw SystemError(fmt::format("cannot write {}", path_.native()));
}

PidFile::~PidFile() {
    unlink(path_.c_str());
}

} // namespace cachefiles::daemon
