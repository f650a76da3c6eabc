// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::daemon {

/// What the daemon may do once the device is bound. Capabilities belong to threads: call
/// `drop_privileges()` before the first thread is made.
///
/// Kept in effect: CAP_DAC_READ_SEARCH (names from fanotify's handles, reading a cache that another
/// uid owns) and CAP_DAC_OVERRIDE (emptying its graveyard). Kept in reserve, not in effect:
/// CAP_SYS_ADMIN, which a dead cache's device wants once more at open(2). All else is gone for
/// good, from the bounding set too. Errors: SystemError.
void drop_privileges();

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
