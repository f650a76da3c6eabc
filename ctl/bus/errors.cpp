// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/errors.hpp"

#include "ctl/text/visible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace cachefiles::ctl {
namespace {

using namespace std::string_view_literals;

constexpr std::array not_permitted{
    "org.freedesktop.DBus.Error.AccessDenied"sv,
    "org.freedesktop.DBus.Error.AuthFailed"sv,
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"sv,
    "System.Error.EACCES"sv,
    "System.Error.EPERM"sv,
};

constexpr std::array not_running{
    "org.freedesktop.DBus.Error.ServiceUnknown"sv,
    "org.freedesktop.DBus.Error.NameHasNoOwner"sv,
};

/// Of the connection, not of the daemon.
constexpr std::array no_bus{
    "org.freedesktop.DBus.Error.FileNotFound"sv,
    "org.freedesktop.DBus.Error.NoServer"sv,
    "System.Error.ECONNREFUSED"sv,
    "System.Error.ENOENT"sv,
};

constexpr std::array disconnected{
    "org.freedesktop.DBus.Error.Disconnected"sv,
    "System.Error.ENOTCONN"sv,
    "System.Error.ECONNRESET"sv,
    "System.Error.EPIPE"sv,
};

/// What a program that knows another interface says.
constexpr std::array unknown{
    "org.freedesktop.DBus.Error.UnknownMethod"sv,
    "org.freedesktop.DBus.Error.UnknownInterface"sv,
    "org.freedesktop.DBus.Error.UnknownProperty"sv,
    "org.freedesktop.DBus.Error.UnknownObject"sv,
};

bool among(const auto& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

} // namespace

Failure to_failure(std::string_view what, const sdbus::Error& error) {
    const std::string& name = error.getName();
    const std::string why = visible(error.getMessage());
    const auto because = [&](ExitStatus status, std::string_view text) {
        return Failure(status, fmt::format("{}: {}", what, text));
    };
    if (among(not_permitted, name))
        return because(ExitStatus::not_permitted,
                       fmt::format("not permitted ({}); try it as root, with sudo", why));
    if (among(not_running, name))
        return because(ExitStatus::not_running,
                       "the daemon does not run; start it: systemctl start cachefilesd");
    if (among(no_bus, name))
        return because(ExitStatus::not_running,
                       fmt::format("there is no system bus to reach the daemon ({}); see whether "
                                   "dbus.service runs",
                                   why));
    if (among(disconnected, name))
        return because(ExitStatus::failure,
                       "the connection to the bus has ended; see whether the host can be reached");
    if (among(unknown, name))
        return because(ExitStatus::failure,
                       fmt::format("the daemon does not know that ({}); it may be of another "
                                   "version: cachefilesctl version",
                                   why));
    if (name == "org.freedesktop.DBus.Error.NoReply")
        return because(ExitStatus::failure,
                       "the daemon ended, or did not answer; see journalctl -u cachefilesd");
    return because(ExitStatus::failure, why.empty() ? name : why);
}

} // namespace cachefiles::ctl
