// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/text_file.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace cachefiles::daemon {
namespace {

std::unexpected<Diagnostic> refused(const std::filesystem::path& path, std::string text) {
    return std::unexpected(Diagnostic{path.string(), {}, std::move(text)});
}

std::unexpected<Diagnostic> refused(const std::filesystem::path& path, int error) {
    return refused(path, "cannot be read: " + errno_text(error));
}

} // namespace

std::expected<std::string, Diagnostic> read_text_file(const std::filesystem::path& path) {
    // O_NONBLOCK: not to wait for the writer of a FIFO before it can be refused
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file)
        return refused(path, errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return refused(path, errno);
    if (S_ISDIR(status.st_mode))
        return refused(path, EISDIR);
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
        return refused(path, "is not a regular file");

    std::string text;
    std::array<char, 16384> buffer;
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refused(path, errno);
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > largest_text_file)
            return refused(path, "is larger than 1 MiB; it cannot be a configuration");
    }
}

} // namespace cachefiles::daemon
