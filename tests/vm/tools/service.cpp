// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/vm/tools/service.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

namespace cachefiles::vm {
namespace {

constexpr int first_passed = 3; // SD_LISTEN_FDS_START

} // namespace

Service::Service(char** command, std::string socket, long watchdog)
    : command_(command), socket_(std::move(socket)), watchdog_(watchdog) {}

void Service::start(const FdStore& store) {
    pid_ = fork();
    if (pid_ < 0)
        throw SystemError("cannot fork");
    if (pid_ == 0)
        execute(store);
}

/// In the child.
void Service::execute(const FdStore& store) const {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const std::string self = std::to_string(getpid());
    setenv("NOTIFY_SOCKET", socket_.c_str(), 1);
    if (watchdog_ > 0) {
        setenv("WATCHDOG_USEC", std::to_string(watchdog_ * 1'000'000).c_str(), 1);
        setenv("WATCHDOG_PID", self.c_str(), 1);
    }
    const int count = static_cast<int>(store.kept().size());
    if (count > 0) {
        setenv("LISTEN_PID", self.c_str(), 1);
        setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
        setenv("LISTEN_FDNAMES", store.names().c_str(), 1);
    }
    // Out of the way first: one of them may have the number that another one is to get.
    std::vector<int> copies;
    for (const auto& [name, fd] : store.kept())
        copies.push_back(fcntl(fd.get(), F_DUPFD_CLOEXEC, first_passed + count));
    for (int i = 0; i < count; ++i)
        dup2(copies[static_cast<std::size_t>(i)], first_passed + i);
    execv(command_[0], command_);
    _exit(127);
}

void Service::signal(int number) const {
    if (pid_ > 0)
        kill(pid_, number);
}

std::string Service::ended() {
    int status = 0;
    if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_)
        return {};
    pid_ = 0;
    return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                               : "exit " + std::to_string(WEXITSTATUS(status));
}

} // namespace cachefiles::vm
