// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::daemon {

/// What the daemon may do once the cache is bound.
struct Privileges {
    bool dac;   ///< to work on files that another uid owns; in effect
    bool admin; ///< CAP_SYS_ADMIN, in reserve: in effect only while an AdminPrivilege lives
    /// To follow a program's descriptors and working directory (CAP_SYS_PTRACE); in effect.
    bool ptrace;
};

/// DAC: names from fanotify's handles, reading a cache that another uid owns, emptying its
/// graveyard. Admin: a dead cache's device wants it once more at open(2).
inline constexpr Privileges kernel_privileges{.dac = true, .admin = true, .ptrace = false};
/// Its files are its own. As root, only until it has bound the cache.
inline constexpr Privileges user_privileges{.dac = false, .admin = false, .ptrace = false};
/// With the device file: it is unmounted at the end, and a command is about the directory where the
/// program that gives it is.
inline constexpr Privileges device_privileges{.dac = false, .admin = true, .ptrace = true};

/// Keeps these; all else is gone for good, from the bounding set too. Capabilities belong to
/// threads: call it before the first thread is made. Errors: SystemError.
void drop_privileges(const Privileges& keep);

/// CAP_SYS_ADMIN in effect for this thread while it lives. Without the capability nothing happens,
/// and what needed it fails with its own error.
class AdminPrivilege final {
public:
    AdminPrivilege();
    ~AdminPrivilege();
    AdminPrivilege(const AdminPrivilege&) = delete;
    AdminPrivilege& operator=(const AdminPrivilege&) = delete;

private:
    bool had_it_;
};

} // namespace cachefiles::daemon
