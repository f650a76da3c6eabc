// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/volume_directory.hpp"

#include "cache/store/attribute.hpp"
#include "cache/store/calls.hpp"
#include "cache/store/volume_owner.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/xattr.hpp"

#include <cerrno>
#include <optional>
#include <utility>

namespace cachefiles::cache::store {
namespace {

// Whatever was there is buried at the first attempt; more of them is somebody who keeps making it.
constexpr int most_attempts = 3;

/// Whether an existing directory is this volume's, as it is expected.
std::expected<bool, int> matches(int directory, const VolumeName& name, const std::string& key,
                                 const std::string& coherency) {
    const std::expected<std::optional<std::string>, int> stored =
        read_attribute(directory, protocol::xattr_name);
    if (!stored)
        return std::unexpected(stored.error());
    if (protocol::check_volume_xattr(*stored, coherency) != protocol::Coherency::valid)
        return false;
    if (!name.alternative)
        return true;
    const std::expected<std::optional<std::string>, int> owner =
        read_attribute(directory, key_xattr);
    if (!owner)
        return std::unexpected(owner.error());
    return *owner == key;
}

} // namespace

VolumeDirectory::VolumeDirectory(std::shared_ptr<Context> context, const VolumeName& name,
                                 std::string key, InUse::Claim claim)
    : context_(std::move(context)), name_(name.name), key_(std::move(key)),
      claim_(std::move(claim)) {}

std::expected<std::shared_ptr<VolumeDirectory>, int>
VolumeDirectory::open(std::shared_ptr<Context> context, const std::string& key,
                      const std::string& coherency, std::uint32_t owner) {
    const std::optional<VolumeName> name = volume_name(key);
    if (!name || coherency.size() > protocol::max_coherency_data)
        return std::unexpected(EINVAL);
    std::optional<InUse::Claim> claim = context->in_use.claim(name->name);
    if (!claim)
        return std::unexpected(EBUSY);
    std::shared_ptr<VolumeDirectory> volume(
        new VolumeDirectory(std::move(context), *name, key, *std::move(claim)));
    if (const int error = volume->find_or_make(*name, key, coherency, owner))
        return std::unexpected(error);
    for (unsigned number = 0; number < 256; ++number) {
        const std::string fanout = protocol::format_fanout_name(static_cast<std::uint8_t>(number));
        if (const int error = volume->make_fanout(fanout))
            return std::unexpected(error);
    }
    return volume;
}

int VolumeDirectory::find_or_make(const VolumeName& name, const std::string& key,
                                  const std::string& coherency, std::uint32_t owner) {
    const int cache = context_->root.cache();
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        directory_ = calls::open_directory(cache, name_);
        if (directory_) {
            if (!may_use(directory_.get(), owner)) // nor bury it
                return EACCES;
            const std::expected<bool, int> same = matches(directory_.get(), name, key, coherency);
            if (!same)
                return same.error();
            if (*same)
                return 0;
        } else if (errno == ENOENT) {
            const int error = make(name, key, coherency, owner);
            if (error != EEXIST)
                return error;
            continue;
        } else if (errno != ENOTDIR && errno != ELOOP) {
            return errno;
        }
        directory_.reset();
        if (const int error = context_->graveyard.bury(cache, name_))
            return error;
    }
    return EAGAIN;
}

int VolumeDirectory::make(const VolumeName& name, const std::string& key,
                          const std::string& coherency, std::uint32_t owner) {
    const int cache = context_->root.cache();
    if (const std::expected<void, int> room = context_->space->for_files(1); !room)
        return room.error();
    if (calls::make_directory(cache, name_) != 0)
        return errno;
    forget();
    directory_ = calls::open_directory(cache, name_);
    if (directory_ && set_owner(directory_.get(), owner) == 0 &&
        (!name.alternative || calls::set_xattr(directory_.get(), key_xattr, key) == 0) &&
        note(coherency) == 0)
        return 0;
    // Without its attribute the driver would never use it, nor replace it.
    const int error = errno;
    directory_.reset();
    if (const int stays = context_->graveyard.bury(cache, name_))
        context_->failed("cannot remove an unfinished volume", stays);
    return error;
}

int VolumeDirectory::make_fanout(const std::string& fanout) {
    struct stat status{};
    const bool exists = calls::look_at(directory_.get(), fanout, status) == 0;
    if (!exists && errno != ENOENT)
        return errno;
    if (exists && S_ISDIR(status.st_mode))
        return 0;
    if (exists) {
        if (const int error = context_->graveyard.bury(directory_.get(), fanout))
            return error;
    }
    if (const std::expected<void, int> room = context_->space->for_files(1); !room)
        return room.error();
    if (calls::make_directory(directory_.get(), fanout) != 0 && errno != EEXIST)
        return errno;
    return 0;
}

// The index may have been lost and made anew since the last time: it is asked each time.
index::DirectoryId VolumeDirectory::indexed(std::uint8_t fanout) const {
    return {context_->index->add_volume(key_), fanout};
}

void VolumeDirectory::forget() const {
    if (context_->index == nullptr)
        return;
    const std::optional<index::Volume> known = context_->index->volume(key_);
    if (known && known->totals.objects > 0)
        context_->index->remove_volume(known->id);
}

Fd VolumeDirectory::fanout(std::uint8_t number) {
    const std::string fanout = protocol::format_fanout_name(number);
    Fd directory = calls::open_directory(directory_.get(), fanout);
    if (!directory && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        if (const int error = make_fanout(fanout)) {
            errno = error;
            return Fd();
        }
        directory = calls::open_directory(directory_.get(), fanout);
    }
    if (directory && !swept_[number].load(std::memory_order_relaxed)) {
        const std::lock_guard lock(replacing(number));
        if (calls::unlink_file(directory.get(), std::string(temporary_name)) == 0 ||
            errno == ENOENT)
            swept_[number].store(true, std::memory_order_relaxed);
        else
            context_->failed("cannot remove an object's temporary name", errno);
    }
    return directory;
}

int VolumeDirectory::note(const std::string& coherency) {
    const std::string value = protocol::format_volume_xattr(coherency);
    return calls::set_xattr(directory_.get(), protocol::xattr_name, value) == 0 ? 0 : errno;
}

int VolumeDirectory::discard() {
    const int cache = context_->root.cache();
    if (const int error = context_->graveyard.bury(cache, name_)) {
        // Without its attribute it is stale.
        const bool marked = calls::remove_xattr(directory_.get(), protocol::xattr_name) == 0;
        return marked && calls::flush_all(directory_.get()) == 0 ? 0 : error;
    }
    if (context_->index != nullptr) {
        if (const std::optional<index::Volume> known = context_->index->volume(key_))
            context_->index->remove_volume(known->id);
    }
    return calls::flush_all(cache) == 0 ? 0 : errno;
}

} // namespace cachefiles::cache::store
