// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/netfs/limits.hpp"
#include "daemon/netfs/quota.hpp"

#include <memory>

namespace cachefiles::daemon::netfs {

/// The quotas of a client, of a user, or of all.
struct Budget {
    std::shared_ptr<Quota> volumes;
    std::shared_ptr<Quota> cookies;
    std::shared_ptr<Quota> files;
    std::shared_ptr<Quota> grants;
    std::shared_ptr<Quota> granted_bytes;
    std::shared_ptr<Quota> arena_bytes;
    std::shared_ptr<Quota> queued_bytes;

    explicit Budget(const Limits::Resources& limits, const Budget& above = Budget())
        : volumes(std::make_shared<Quota>(limits.volumes, above.volumes)),
          cookies(std::make_shared<Quota>(limits.cookies, above.cookies)),
          files(std::make_shared<Quota>(limits.files, above.files)),
          grants(std::make_shared<Quota>(limits.grants, above.grants)),
          granted_bytes(std::make_shared<Quota>(limits.granted_bytes, above.granted_bytes)),
          arena_bytes(std::make_shared<Quota>(limits.arena_bytes, above.arena_bytes)),
          queued_bytes(std::make_shared<Quota>(limits.queued_bytes, above.queued_bytes)) {}

    /// Nothing of it is used.
    [[nodiscard]] bool idle() const {
        return volumes->used() == 0 && cookies->used() == 0 && files->used() == 0 &&
               grants->used() == 0 && granted_bytes->used() == 0 && arena_bytes->used() == 0 &&
               queued_bytes->used() == 0;
    }

private:
    Budget() = default; // nothing above
};

/// Half of everything.
[[nodiscard]] inline Limits::Resources half_of(const Limits::Resources& all) {
    return {.volumes = all.volumes / 2,
            .cookies = all.cookies / 2,
            .files = all.files / 2,
            .grants = all.grants / 2,
            .granted_bytes = all.granted_bytes / 2,
            .arena_bytes = all.arena_bytes / 2,
            .queued_bytes = all.queued_bytes / 2};
}

} // namespace cachefiles::daemon::netfs
