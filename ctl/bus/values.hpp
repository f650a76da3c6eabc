// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"

#include <sdbus-c++/Types.h>

#include <map>
#include <string>

namespace cachefiles::ctl {

using Properties = std::map<std::string, sdbus::Variant>;
using Interfaces = std::map<std::string, Properties>;
using ManagedObjects = std::map<sdbus::ObjectPath, Interfaces>;

/// The value of that name, or that one if there is none. Another type is an sdbus::Error.
template<typename T>
[[nodiscard]] T value(const Properties& properties, const std::string& name,
                      const T& otherwise = T()) {
    const auto found = properties.find(name);
    return found == properties.end() ? otherwise : found->second.get<T>();
}

[[nodiscard]] CacheValues cache_values(const std::string& path, const Properties& properties);
[[nodiscard]] VolumeValues volume_values(const std::string& path, const Properties& properties);
[[nodiscard]] JobValues job_values(const std::string& path, const Properties& properties);
[[nodiscard]] ObjectDetails object_details(const Properties& properties);

} // namespace cachefiles::ctl
