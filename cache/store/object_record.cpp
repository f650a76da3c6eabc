// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/object_record.hpp"

#include "cache/store/calls.hpp"
#include "cache/store/data_extents.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <expected>
#include <utility>
#include <vector>

namespace cachefiles::cache::store {
namespace {

std::uint64_t disk_space(const ObjectFile& file) {
    struct stat status{};
    constexpr std::uint64_t unit = 512; // whatever the file system's blocks are
    return fstat(file.descriptor(), &status) == 0
               ? static_cast<std::uint64_t>(status.st_blocks) * unit
               : 0;
}

std::vector<index::NumberedMap> maps_of(const Content& content) {
    std::vector<index::NumberedMap> maps;
    for (const std::uint32_t number : content.map_numbers())
        maps.push_back({number, content.map(number)});
    return maps;
}

/// What of `known` is really there. True: all of it is.
bool load_known(Content& content, const Content& on_disk,
                const std::vector<index::NumberedMap>& known) {
    bool all = true;
    for (const index::NumberedMap& one : known) {
        index::ContentMap both = one.map;
        both &= on_disk.map(one.number);
        all = all && both == one.map;
        content.load(one.number, both);
    }
    return all;
}

} // namespace

ObjectRecord::ObjectRecord(std::shared_ptr<VolumeDirectory> volume, std::uint8_t fanout,
                           std::string name)
    : volume_(std::move(volume)), fanout_(fanout), name_(std::move(name)) {}

void ObjectRecord::find(const ObjectFile& file) {
    const index::DirectoryId directory = volume_->indexed(fanout_);
    known_ = index()->find(directory, name_);
    if (known_) {
        index()->touch(known_->id, now());
        return;
    }
    const index::Attributes attributes{disk_space(file), now(), index::ObjectState::idle};
    const index::ObjectId id = index()->put(directory, name_, attributes);
    if (id.value() != 0)
        known_ = index::Object{id, name_, attributes};
}

int ObjectRecord::load(ObjectFile& file, const Coherency& stored) {
    if (index() != nullptr) {
        find(file);
        file.set_object(known_ ? known_->id : index::ObjectId());
    }
    const bool drivers = file.content_id() == 0;
    std::vector<index::NumberedMap> known;
    if (known_ && !drivers)
        known = index()->content_maps(known_->id, file.content_id());
    const std::expected<std::vector<Content::Range>, int> extents = data_extents(file.descriptor());
    if (!extents)
        return extents.error() == EIO ? EIO : 0; // nothing is present, then
    Content on_disk(stored.object_size);
    for (const Content::Range& extent : *extents)
        static_cast<void>(on_disk.written(extent));
    Content& content = file.content();
    if (drivers) {
        for (const std::uint32_t number : on_disk.map_numbers())
            content.load(number, on_disk.map(number));
        return index() != nullptr ? identify(file, stored) : 0;
    }
    const bool all = load_known(content, on_disk, known);
    if (index() == nullptr)
        return 0;
    // What else is there was left by a crash; nobody may take it for data. See detach().
    for (const Content::Range& extent : *extents)
        static_cast<void>(content.claim(extent));
    return all ? 0 : identify(file, stored);
}

/// Blocks of the old id may be set that are not there; or there was none.
int ObjectRecord::identify(ObjectFile& file, const Coherency& stored) {
    const index::ContentId id = new_content_id();
    file.set_content_id(0); // until it is known
    if (!known_)
        return 0;
    // The driver does not wait for the disk.
    if (calls::flush_data(file.descriptor()) != 0)
        return errno == EIO ? EIO : 0;
    if (const int error = write_coherency(file.descriptor(), stored, false, id))
        return error == EIO ? EIO : 0;
    file.set_content_id(id);
    store_maps(file);
    return 0;
}

void ObjectRecord::linked(ObjectFile& file) {
    if (index() == nullptr)
        return;
    const index::DirectoryId directory = volume_->indexed(fanout_);
    const index::Attributes attributes{disk_space(file), now(), index::ObjectState::idle};
    const index::ObjectId id = index()->put(directory, name_, attributes);
    known_ = index::Object{id, name_, attributes};
    file.set_object(id);
    changed();
}

void ObjectRecord::removed() {
    if (index() == nullptr)
        return;
    index()->forget(volume_->indexed(fanout_), name_);
    known_.reset();
    changed();
}

void ObjectRecord::changed() const {
    if (volume_->context().on_changed)
        volume_->context().on_changed(volume_->indexed(fanout_));
}

void ObjectRecord::store_maps(ObjectFile& file) {
    if (known_ && known_->id.value() != 0)
        index()->set_content_maps(known_->id, file.content_id(), maps_of(file.content()));
}

/// The culler may have met it, and think that it is in use.
void ObjectRecord::let_go(const ObjectFile& file) {
    if (index() == nullptr)
        return;
    const index::DirectoryId directory = volume_->indexed(fanout_);
    const std::optional<index::Object> row = index()->find(directory, name_);
    const index::Attributes attributes{disk_space(file), now(), index::ObjectState::idle};
    if (!row || row->attributes.bytes != attributes.bytes ||
        row->attributes.state != attributes.state)
        static_cast<void>(index()->put(directory, name_, attributes));
    else
        index()->touch(row->id, now());
}

} // namespace cachefiles::cache::store
