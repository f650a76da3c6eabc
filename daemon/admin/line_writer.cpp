// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/line_writer.hpp"

#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

constexpr std::chrono::milliseconds patience{100};

} // namespace

/// A pipe that poll(2) calls writable has room for PIPE_BUF bytes: writing no more does not block,
/// as long as nobody else writes into it.
LineWriter::LineWriter(Fd fd) : fd_(std::move(fd)), most_(PIPE_BUF) {
    struct stat status{};
    if (fstat(fd_.get(), &status) != 0)
        return;
    socket_ = S_ISSOCK(status.st_mode);
    if (S_ISREG(status.st_mode) || socket_)
        most_ = 1 << 20;
}

LineWriter::Result
LineWriter::write(std::string_view text,
                  const std::function<bool(std::chrono::milliseconds stalled)>& go_on) {
    std::chrono::milliseconds stalled{0};
    if (!fd_) { // poll(2) would wait for ever
        errno = EBADF;
        return Result::failed;
    }
    while (!text.empty()) {
        pollfd wanted{fd_.get(), POLLOUT, 0};
        const int ready = poll(&wanted, 1, static_cast<int>(patience.count()));
        const bool writable = ready > 0 && (wanted.revents & POLLOUT) != 0;
        if (ready > 0 && !writable)
            return Result::reader_gone; // POLLERR, POLLHUP
        const long written = writable ? write_some(text.substr(0, most_)) : 0;
        if (written < 0)
            return errno == EPIPE || errno == ECONNRESET ? Result::reader_gone : Result::failed;
        text.remove_prefix(static_cast<std::size_t>(written));
        stalled = written > 0 ? std::chrono::milliseconds(0) : stalled + patience;
        if (written == 0 && !go_on(stalled))
            return Result::stopped;
    }
    return Result::written;
}

long LineWriter::write_some(std::string_view text) {
    ssize_t written = 0;
    if (socket_) {
        written = send(fd_.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
        written = ::write(fd_.get(), text.data(), text.size());
    }
    const bool later = written < 0 && (errno == EAGAIN || errno == EINTR);
    return later ? 0 : static_cast<long>(written);
}

} // namespace cachefiles::daemon::admin
