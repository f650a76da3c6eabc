// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// What we tell the service manager (sd_notify(3)), and the descriptors it keeps for us.
/// Without a service manager everything here does nothing. Thread-safe.
namespace notify {

void ready(std::string_view status);
void status(std::string_view text);
/// A reload begins; ready() ends it. Carries the time that systemd >= 253 asks for.
void reloading();
void stopping();
void watchdog();
/// Asks for so much more time to start or to stop, from now on.
void extend_timeout(std::chrono::seconds by);
/// "ERRNO=", for systemctl status to show.
void failed(int error);

/// True if somebody listens.
[[nodiscard]] bool supervised();
/// How often the service manager wants to hear watchdog(); nothing if it does not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

/// Puts a descriptor into the service manager's store under that name (replacing what was there):
/// it survives our end and comes back with take_stored(). FDPOLL=0: the device reports POLLERR at
/// times and must not be dropped for it.
void store(std::string_view name, int fd);
void unstore(std::string_view name);
/// Waits until the service manager has dealt with everything sent so far (some seconds at most).
void barrier();

/// The descriptors that the service manager passed to this process, by name. Call once, early.
[[nodiscard]] std::map<std::string, Fd> take_stored();

} // namespace notify

} // namespace cachefiles::daemon
