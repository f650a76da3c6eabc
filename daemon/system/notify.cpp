// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/notify.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

namespace cachefiles::daemon::notify {
namespace {

void send(const std::string& message) {
    sd_notify(0, message.c_str());
}

} // namespace

void ready(std::string_view status) {
    send(fmt::format("READY=1\nSTATUS={}", status));
}

void status(std::string_view text) {
    send(fmt::format("STATUS={}", text));
}

void reloading() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                     std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void stopping() {
    send("STOPPING=1\nSTATUS=Stopping");
}

void watchdog() {
    send("WATCHDOG=1");
}

void extend_timeout(std::chrono::seconds by) {
    send(fmt::format("EXTEND_TIMEOUT_USEC={}", std::chrono::microseconds(by).count()));
}

void failed(int error) {
    send(fmt::format("ERRNO={}", error));
}

bool supervised() {
    return getenv("NOTIFY_SOCKET") != nullptr;
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0)
        return std::nullopt;
    return std::chrono::microseconds(microseconds);
}

void store(std::string_view name, int fd) {
    unstore(name);
    const std::string message = fmt::format("FDSTORE=1\nFDNAME={}\nFDPOLL=0", name);
    sd_pid_notify_with_fds(0, 0, message.c_str(), &fd, 1);
}

void unstore(std::string_view name) {
    send(fmt::format("FDSTOREREMOVE=1\nFDNAME={}", name));
}

void barrier() {
    constexpr std::uint64_t at_most = 10'000'000; // microseconds: a busy PID 1 takes its time
    sd_notify_barrier(0, at_most);
}

std::map<std::string, Fd> take_stored() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    std::map<std::string, Fd> stored;
    for (int i = 0; i < count; ++i) {
        Fd fd(SD_LISTEN_FDS_START + i);
        fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
        stored.insert_or_assign(names[i], std::move(fd));
        free(names[i]);
    }
    free(static_cast<void*>(names));
    return stored;
}

} // namespace cachefiles::daemon::notify
