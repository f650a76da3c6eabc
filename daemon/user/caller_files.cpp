// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/caller_files.hpp"

#include "protocol/command.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <expected>

namespace cachefiles::daemon::user {
namespace {

/// O_PATH: nothing is asked of the file system that it is on, which may be our own.
Fd open_link(pid_t thread, const char* name) {
    return Fd(
        open(fmt::format("/proc/{}/{}", thread, name).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

} // namespace

cache::driver::Caller caller_of(pid_t thread, std::string_view command) {
    using protocol::Verb;
    cache::driver::Caller caller;
    const std::expected<protocol::Command, int> parsed =
        protocol::parse_command(command, protocol::DriverBuild::plain);
    if (!parsed || thread <= 0)
        return caller;
    const Verb verb = parsed->verb;
    if (verb == Verb::cull || verb == Verb::inuse || verb == Verb::bind)
        caller.directory = open_link(thread, "cwd");
    if (verb == Verb::bind)
        caller.root = open_link(thread, "root");
    return caller;
}

} // namespace cachefiles::daemon::user
