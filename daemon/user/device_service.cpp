// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/device_service.hpp"

#include "daemon/user/object_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace cachefiles::daemon {

DeviceService::DeviceService(const Config& config, cache::Model& model, const Clock& clock,
                             Log& log)
    : config_(config), clock_(clock), log_(log) {
    driver_ = std::make_unique<cache::driver::Driver>(cache::driver::Driver::Options{
        model,
        log,
        clock,
        [this](cache::store::Options options) { return make_store(std::move(options)); },
        {},
        [this] { withdrawn(); },
        [this](const std::string& path) {
            culled(path);
        }});
    const std::filesystem::path directory = config.user.socket.parent_path() / "dev";
    file_ = std::make_unique<user::DeviceFile>(user::DeviceFile::Options{*driver_, directory});
    path_ = file_->path();
    log_.notice(fmt::format("the driver's commands are taken at {}", path_.native()));
}

DeviceService::~DeviceService() {
    stop();
}

void DeviceService::ask_to_stop() {
    if (stopping_.joinable() || ended_)
        return;
    stopping_ = std::thread([this] {
        file_.reset();
        ended_ = true;
    });
}

void DeviceService::stop() {
    ask_to_stop();
    if (stopping_.joinable())
        stopping_.join();
}

std::shared_ptr<cache::store::Store> DeviceService::make_store(cache::store::Options options) {
    std::shared_ptr<index::Index> index = index::Index::open(index_of(options.root), clock_, log_);
    index->set_all_idle();
    options.index = index.get();
    options.commit_interval = config_.user.commit_interval;
    auto store = std::make_shared<cache::store::Store>(std::move(options));
    const std::lock_guard lock(mutex_);
    index_ = std::move(index);
    store_ = store;
    return store;
}

/// Everything that used the index has gone.
void DeviceService::withdrawn() {
    std::shared_ptr<index::Index> index;
    const std::lock_guard lock(mutex_);
    index.swap(index_);
    store_.reset();
}

void DeviceService::culled(const std::string& path) {
    constexpr std::string_view top = "cache/";
    std::shared_ptr<index::Index> index;
    {
        const std::lock_guard lock(mutex_);
        index = index_;
    }
    if (!index || !path.starts_with(top))
        return;
    const std::optional<ObjectPath> parsed =
        parse_object_path(std::string_view(path).substr(top.size()));
    const index::VolumeId volume = parsed ? VolumeNames(*index).find(parsed->volume) : 0;
    if (volume == 0)
        return;
    if (parsed->name.empty())
        index->remove_volume(volume);
    else
        index->forget({volume, parsed->fanout}, parsed->name);
}

/// One for each directory: whoever binds says which, and by what tag, anew each time.
index::IndexOptions DeviceService::index_of(const std::filesystem::path& root) const {
    constexpr std::size_t longest = 200;
    std::string name = "device" + root.native();
    std::ranges::replace(name, '/', '-');
    name.resize(std::min(name.size(), longest));
    index::IndexOptions options = index_options(config_);
    options.path = config_.index.directory / (name + ".db");
    return options;
}

std::shared_ptr<cache::store::Store> DeviceService::store() const {
    const std::lock_guard lock(mutex_);
    return store_.lock();
}

index::Totals DeviceService::totals() const {
    const std::lock_guard lock(mutex_);
    return index_ ? index_->totals() : index::Totals();
}

} // namespace cachefiles::daemon
