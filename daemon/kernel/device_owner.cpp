// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/device_owner.hpp"

#include "base/message_ids.hpp"
#include "daemon/kernel/binder.hpp"
#include "daemon/kernel/binding_record.hpp"
#include "daemon/kernel/store_names.hpp"
#include "daemon/system/notify.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {

DeviceOwner::DeviceOwner(CacheSettings settings, const cull::Watermarks& watermarks, Log& log)
    : settings_(std::move(settings)), watermarks_(watermarks), log_(log) {}

void DeviceOwner::acquire(std::map<std::string, Fd>& stored) {
    device_ = adopt(stored);
    taken_over_ = device_ != nullptr;
    if (!taken_over_)
        open_and_bind();
}

std::unique_ptr<DeviceFile> DeviceOwner::adopt(std::map<std::string, Fd>& stored) {
    const auto kept = stored.extract(std::string(store_names::device));
    const auto record = stored.extract(std::string(store_names::binding));
    if (kept.empty())
        return nullptr;
    auto device = std::make_unique<DeviceFile>(std::move(kept.mapped()));
    const bool same = !record.empty() && read_binding_file(record.mapped().get()) ==
                                             binding_record(settings_, watermarks_);
    if (same && device->state() && device->alive()) {
        log_.write(
            Severity::notice, message_id::bound,
            fmt::format("took over cache {} in {}, which stayed online", settings_.tag,
                        settings_.directory.native()),
            {{"CACHEFILES_TAG", settings_.tag}, {"CACHEFILES_DIR", settings_.directory.native()}});
        return device;
    }
    log_.notice(same ? "the cache that was kept online has failed; binding it anew"
                     : "the cache that was kept online has other settings; binding it anew");
    notify::unstore(store_names::device);
    notify::barrier(); // or the device is still busy when we open it
    return nullptr;
}

void DeviceOwner::open_and_bind() {
    auto device = std::make_unique<DeviceFile>(DeviceFile::open(settings_.device));
    bind_cache(*device, settings_, watermarks_);
    device_ = std::move(device);
    const Fd record = make_binding_file(binding_record(settings_, watermarks_));
    notify::store(store_names::binding, record.get());
    notify::store(store_names::device, device_->descriptor());
    log_.write(
        Severity::notice, message_id::bound,
        fmt::format("cache {} in {} is online", settings_.tag, settings_.directory.native()),
        {{"CACHEFILES_TAG", settings_.tag}, {"CACHEFILES_DIR", settings_.directory.native()}});
}

void DeviceOwner::close() {
    if (!device_)
        return;
    notify::unstore(store_names::device);
    notify::unstore(store_names::binding);
    notify::barrier(); // the last close withdraws the cache: that is our work, not the manager's
    device_.reset();
    log_.write(Severity::notice, message_id::unbound,
               fmt::format("cache {} is withdrawn", settings_.tag),
               {{"CACHEFILES_TAG", settings_.tag}});
}

} // namespace cachefiles::daemon
