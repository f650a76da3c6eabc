// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cache/executor.hpp"
#include "cache/model.hpp"
#include "daemon/netfs/limits.hpp"
#include "daemon/netfs/registry.hpp"
#include "daemon/netfs/traffic.hpp"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cachefiles::daemon::netfs {

/// What all sessions share. The references are borrowed, and outlive the last continuation of the
/// executor. Functions may be called from any thread.
struct Services {
    cache::Model& model;
    cache::Executor& executor;
    Registry& registry;
    Log& log;
    Limits limits = {};
    /// Whether a user may have the volume of that key: it is nobody's yet, or his. From jobs of the
    /// executor; may read the disk. Empty: everybody may. It is asked so that a client can be told;
    /// the store asks again when it attaches the volume (cache::Model::VolumeRequest::owner).
    std::function<bool(const std::string& cache, const std::string& key, uid_t user)>
        may_use_volume = {};
    std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>();
};

} // namespace cachefiles::daemon::netfs
