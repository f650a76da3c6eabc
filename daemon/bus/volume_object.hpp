// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/bus_object.hpp"
#include "daemon/bus/context.hpp"

namespace cachefiles::daemon::bus {

/// /org/cachefiles1/volume/NUMBER.
class VolumeObject final : public BusObject {
public:
    VolumeObject(Context& context, admin::VolumeReport volume);

    void update(const admin::VolumeReport& volume);
    [[nodiscard]] const std::string& key() const { return volume_.key; }

private:
    void describe();

    Context& context_;
    admin::VolumeReport volume_;
};

} // namespace cachefiles::daemon::bus
