// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/slow_source/control.hpp"

#include "base/error.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace cachefiles::slow_source {
namespace {

constexpr int again_milliseconds = 50;

} // namespace

Control::Control(const std::filesystem::path& socket, Command command, Stop stop)
    : command_(std::move(command)), stop_(std::move(stop)), path_(socket),
      end_(eventfd(0, EFD_CLOEXEC)) {
    sigset_t set{};
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(signalfd(-1, &set, SFD_CLOEXEC));
    if (!end_ || !signals_)
        throw SystemError("cannot wait for signals");
    if (!socket.empty())
        listen(socket);
    thread_ = std::thread([this] { run(); });
}

Control::~Control() {
    eventfd_write(end_.get(), 1);
    thread_.join();
    if (!path_.empty())
        unlink(path_.c_str());
}

void Control::listen(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.native().size() >= sizeof address.sun_path)
        throw SystemError(socket.native(), ENAMETOOLONG);
    std::strcpy(address.sun_path, socket.c_str());
    unlink(socket.c_str());
    socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket_ ||
        bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket_.get(), 16) != 0)
        throw SystemError(socket.native());
}

void Control::run() {
    std::array<pollfd, 3> wait{
        {{end_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
    int timeout = -1;
    while (true) {
        const int ready = poll(wait.data(), wait.size(), timeout);
        if (ready == 0)
            stop_();
        if (ready <= 0)
            continue;
        if (wait[0].revents != 0)
            return;
        if (wait[1].revents != 0) {
            stop_();
            wait[1].fd = -1; // poll(2) passes it over
            timeout = again_milliseconds;
        }
        if (wait[2].revents != 0) {
            const Fd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            serve(client.get());
        }
    }
}

void Control::serve(int client) const {
    std::string pending;
    std::array<char, 256> buffer{};
    while (true) {
        const ssize_t length = recv(client, buffer.data(), buffer.size(), 0);
        if (length <= 0)
            return;
        pending.append(buffer.data(), static_cast<std::size_t>(length));
        for (std::size_t end = pending.find('\n'); end != std::string::npos;
             end = pending.find('\n')) {
            const std::string answer = command_(std::string_view(pending).substr(0, end)) + "\n";
            pending.erase(0, end + 1);
            if (send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0)
                return;
        }
    }
}

} // namespace cachefiles::slow_source
