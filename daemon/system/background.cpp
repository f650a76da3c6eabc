// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/background.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace cachefiles::daemon {
namespace {

/// The parent's part: to end as the child says. A child that died without a word has failed.
[[noreturn]] void wait_for_report(int pipe) {
    unsigned char exit_status = EXIT_FAILURE;
    if (read(pipe, &exit_status, 1) != 1)
        exit_status = EXIT_FAILURE;
    _exit(exit_status);
}

} // namespace

Background::Background() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw SystemError("cannot make a pipe");
    const Fd from_child(ends[0]);
    report_ = Fd(ends[1]);
    const pid_t child = fork();
    if (child < 0)
        throw SystemError("cannot fork");
    if (child > 0) {
        report_.reset();
        wait_for_report(from_child.get());
    }
    setsid();
    if (chdir("/") != 0)
        throw SystemError("cannot change to /");
}

void Background::ready() {
    failed(EXIT_SUCCESS);
    const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        dup2(null.get(), standard);
}

void Background::failed(int exit_status) {
    const auto byte = static_cast<unsigned char>(exit_status);
    [[maybe_unused]] const ssize_t ignored = write(report_.get(), &byte, 1);
    report_.reset();
}

} // namespace cachefiles::daemon
