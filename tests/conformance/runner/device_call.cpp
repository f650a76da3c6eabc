// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/device_call.hpp"

#include "tests/conformance/runner/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>

#include <cerrno>
#include <vector>

namespace cachefiles::conformance {

namespace {

Reply count_or_error(ssize_t result) {
    return result < 0 ? errno_name(errno) : fmt::format("{}", result);
}

Reply open_device(Fd& device, const std::string& path, const std::string& how) {
    const int access = how == "read" ? O_RDONLY : how == "write" ? O_WRONLY : O_RDWR;
    Fd fd(::open(path.c_str(), access | O_CLOEXEC));
    if (!fd)
        return errno_name(errno);
    device = std::move(fd);
    return "ok";
}

Reply write_pieces(int device, const Words& request) {
    std::vector<iovec> pieces;
    for (std::size_t i = 2; i < request.size(); ++i)
        pieces.push_back(
            {.iov_base = const_cast<char*>(request[i].data()), .iov_len = request[i].size()});
    return count_or_error(::writev(device, pieces.data(), static_cast<int>(pieces.size())));
}

Reply read_device(int device, std::size_t size) {
    std::string buffer(size, '\0');
    const ssize_t length = ::read(device, buffer.data(), buffer.size());
    if (length < 0)
        return errno_name(errno);
    return "state " + buffer.substr(0, static_cast<std::size_t>(length));
}

Reply poll_device(int device) {
    pollfd what{
        .fd = device, .events = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM, .revents = 0};
    if (::poll(&what, 1, 0) < 0)
        return errno_name(errno);
    std::string text;
    const auto add = [&](short bit, const char* name) {
        if ((what.revents & bit) != 0)
            text += std::string(text.empty() ? "" : " ") + name;
    };
    add(POLLIN, "in");
    add(POLLOUT, "out");
    add(POLLPRI, "pri");
    add(POLLRDNORM, "rdnorm");
    add(POLLWRNORM, "wrnorm");
    add(POLLERR, "err");
    add(POLLHUP, "hup");
    add(POLLNVAL, "nval");
    return text.empty() ? "nothing" : text;
}

} // namespace

Reply device_call(Fd& device, const std::string& path, const Words& request) {
    const std::string& verb = request.at(1);
    if (verb == "open")
        return open_device(device, path, request.size() > 2 ? request[2] : "");
    if (verb == "again") {
        Fd second;
        return open_device(second, path, "");
    }
    if (verb == "close") {
        device.reset();
        return "ok";
    }
    if (verb == "write")
        return count_or_error(::write(device.get(), request.at(2).data(), request[2].size()));
    if (verb == "writev")
        return write_pieces(device.get(), request);
    if (verb == "read")
        return read_device(device.get(), parse_number(request.at(2)));
    if (verb == "poll")
        return poll_device(device.get());
    throw ScriptError("the device does not know " + verb);
}

} // namespace cachefiles::conformance
