// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

namespace cachefiles::mount {

/// Makes what this thread creates the caller's own, as long as it lives. The kernel has checked by
/// the source's modes (default_permissions) that the caller may: it is done with the rights of the
/// mount's owner. Nothing where that is not root: what an ordinary user mounts, he uses himself.
class ActAs final {
public:
    ActAs(uid_t user, gid_t group);
    ~ActAs();
    ActAs(const ActAs&) = delete;
    ActAs& operator=(const ActAs&) = delete;

private:
    bool switched_ = false;
};

} // namespace cachefiles::mount
