// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/volume_object.hpp"

#include "base/bytes_text.hpp"
#include "daemon/bus/ask.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/names.hpp"
#include "daemon/bus/text.hpp"

#include <utility>

namespace cachefiles::daemon::bus {

VolumeObject::VolumeObject(Context& context, admin::VolumeReport volume)
    : BusObject(context.connection, volume_path(volume.id), volume_interface), context_(context),
      volume_(std::move(volume)) {
    describe();
    object().finishRegistration();
}

void VolumeObject::describe() {
    // The volume may be gone when the caller turns out to be allowed: only its number is kept.
    const auto pin = [&context = context_, id = volume_.id](bool pinned) {
        return [&context, id, pinned](Call& call) {
            context.authority.check(call, Action::manage, [&context, id, pinned](Call& allowed) {
                ask_for_change(context, allowed, [&](auto answer) {
                    context.parts.administration->pin(id, pinned, std::move(answer));
                });
            });
        };
    };
    Interface(object(), interface(), context_.parts.log)
        .method("Pin", {}, {}, pin(true))
        .method("Unpin", {}, {}, pin(false))
        .property("Key", Changes::never, [this] { return bytes_text(volume_.key); })
        .property("Cache", Changes::never,
                  [this] { return sdbus::ObjectPath(cache_path(context_.report->tag)); })
        .property("Pinned", Changes::signalled, [this] { return volume_.pinned; })
        .property("PinnedByConfiguration", Changes::signalled,
                  [this] { return volume_.pinned_by_configuration; })
        .property("Objects", Changes::silent, [this] { return volume_.totals.objects; })
        .property("Bytes", Changes::silent, [this] { return volume_.totals.bytes; })
        .property("ObjectsInUse", Changes::silent, [this] { return volume_.totals.in_use; })
        .property("NewestUseUSec", Changes::silent, [this] { return to_usec(volume_.newest_use); });
}

void VolumeObject::update(const admin::VolumeReport& volume) {
    using Report = admin::VolumeReport;
    const Report before = std::exchange(volume_, volume);
    changed(Differences(before, volume_)
                .compare("Pinned", [](const Report& report) { return report.pinned; })
                .compare("PinnedByConfiguration",
                         [](const Report& report) { return report.pinned_by_configuration; })
                .names());
}

} // namespace cachefiles::daemon::bus
