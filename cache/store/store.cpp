// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/store.hpp"

#include "cache/store/alternative_name.hpp"
#include "cache/store/calls.hpp"
#include "cache/store/store_volume.hpp"
#include "cache/store/volume_directory.hpp"
#include "cache/store/volume_owner.hpp"

#include <cerrno>
#include <exception>
#include <expected>
#include <optional>
#include <utility>

namespace cachefiles::cache::store {

Store::Store(Options options) : context_(std::make_shared<Context>(std::move(options))) {}

Store::~Store() {
    context_->root.unlock(); // whoever holds a file keeps the context
}

std::unique_ptr<BackendVolume>
Store::attach_volume(const std::string& key, const std::string& coherency, std::uint32_t owner) {
    int error = ENOMEM;
    try {
        std::expected<std::shared_ptr<VolumeDirectory>, int> directory =
            VolumeDirectory::open(context_, key, coherency, owner);
        if (directory)
            return std::make_unique<StoreVolume>(*std::move(directory));
        error = directory.error();
    } catch (const std::exception&) { // no memory
    }
    context_->failed("a volume cannot be cached", error);
    return nullptr;
}

bool Store::may_attach(const std::string& key, std::uint32_t user) const {
    const std::optional<VolumeName> name = volume_name(key);
    if (!name)
        return true; // and it will not be cached
    const Fd directory = calls::open_directory(context_->root.cache(), name->name);
    return !directory || may_use(directory.get(), user);
}

void Store::sync() {
    if (context_->commits)
        static_cast<void>(context_->commits->flush());
    if (calls::flush_file_system(context_->root.root()) != 0)
        context_->failed("cannot sync the cache", errno);
}

bool Store::commit() {
    return !context_->commits || context_->commits->flush();
}

} // namespace cachefiles::cache::store
