// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/vm/tools/notify_socket.hpp"

#include "base/error.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <sstream>

namespace cachefiles::vm {
namespace {

constexpr std::size_t most_descriptors = 16; // in one message; the daemon sends one

std::vector<Fd> descriptors(msghdr& header) {
    std::vector<Fd> fds;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
            int fd = -1;
            std::memcpy(&fd, reinterpret_cast<const char*>(part) + at, sizeof fd);
            fds.emplace_back(fd);
        }
    }
    return fds;
}

} // namespace

std::string Message::value(const std::string& key) const {
    for (const std::string& line : lines) {
        if (line.starts_with(key + "="))
            return line.substr(key.size() + 1);
    }
    return {};
}

NotifySocket::NotifySocket(const std::string& path)
    : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw SystemError(path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    unlink(path.c_str());
    if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw SystemError("cannot listen on " + path);
}

std::optional<Message> NotifySocket::receive() {
    std::array<char, 4096> text{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
    iovec part{text.data(), text.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t length = recvmsg(fd_.get(), &header, MSG_CMSG_CLOEXEC);
    if (length < 0)
        return std::nullopt;
    Message message;
    message.fds = descriptors(header);
    std::istringstream lines(std::string(text.data(), static_cast<std::size_t>(length)));
    for (std::string line; std::getline(lines, line);)
        message.lines.push_back(line);
    return message;
}

} // namespace cachefiles::vm
