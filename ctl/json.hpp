// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/service.hpp"
#include "ctl/snapshot.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace cachefiles::ctl {

/// Keys stay in the order in which they are set. cachefilesctl(1) describes them.
using Json = nlohmann::ordered_json;

[[nodiscard]] Json to_json(const LimitValues& limits);
[[nodiscard]] Json to_json(const CacheValues& cache);
/// `caches` gives it the tag of its cache.
[[nodiscard]] Json to_json(const VolumeValues& volume, const Snapshot& snapshot);
[[nodiscard]] Json to_json(const JobValues& job, const Snapshot& snapshot);
[[nodiscard]] Json to_json(const JobValues& job);
[[nodiscard]] Json to_json(const ObjectValues& object);

/// One line. Text that is not UTF-8 does not occur: everything from outside is escaped.
[[nodiscard]] std::string to_line(const Json& json);

/// The tag of the cache at that path of the bus, or "".
[[nodiscard]] std::string tag_of(const Snapshot& snapshot, const std::string& cache);

} // namespace cachefiles::ctl
