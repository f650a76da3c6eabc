// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/volume_table.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::index {

VolumeTable::VolumeTable(sqlite::Database& database)
    : insert_(database, "INSERT INTO volumes VALUES(?1, ?2, 0, 0, 0, 0)"),
      delete_(database, "DELETE FROM volumes WHERE id = ?1"),
      update_(database, "UPDATE volumes SET objects = ?2, bytes = ?3, in_use = ?4, newest_use = ?5 "
                        "WHERE id = ?1"),
      select_(database, "SELECT id, key, objects, bytes, in_use, newest_use FROM volumes"),
      rename_(database, "UPDATE volumes SET key = ?2 WHERE id = ?1"),
      pins_query_(database, "SELECT key FROM pins"),
      pin_(database, "INSERT INTO pins VALUES(?1) ON CONFLICT DO NOTHING"),
      unpin_(database, "DELETE FROM pins WHERE key = ?1") {
    reload();
}

void VolumeTable::reload() {
    entries_.clear();
    by_key_.clear();
    dirty_.clear();
    last_ = nullptr;
    highest_ = 0;
    totals_ = {};
    read_pins();
    sqlite::Statement::Use query = select_.use();
    while (query.next()) {
        Volume volume;
        volume.id = static_cast<VolumeId>(query.integer(0));
        volume.key = query.bytes(1);
        volume.totals += Delta{query.integer(2), query.integer(3), query.integer(4)};
        volume.newest_use = query.integer(5);
        volume.pinned = pins_.contains(volume.key);
        totals_ += Delta::of(volume.totals);
        highest_ = std::max(highest_, volume.id);
        const VolumeId id = volume.id;
        by_key_.emplace(volume.key, id);
        entries_.emplace(id, Entry{std::move(volume), false});
    }
}

void VolumeTable::read_pins() {
    pins_.clear();
    sqlite::Statement::Use query = pins_query_.use();
    while (query.next())
        pins_.emplace(query.bytes(0));
}

void VolumeTable::pin(std::string_view key, bool pinned) {
    (pinned ? pin_ : unpin_).run(key);
    if (pinned)
        pins_.emplace(key);
    else if (const auto known = pins_.find(key); known != pins_.end())
        pins_.erase(known);
    if (const auto known = by_key_.find(std::string(key)); known != by_key_.end())
        entries_.at(known->second).volume.pinned = pinned;
}

std::vector<VolumeId> VolumeTable::pinned() const {
    std::vector<VolumeId> found;
    for (const std::string& key : pins_) {
        if (const auto known = by_key_.find(key); known != by_key_.end())
            found.push_back(known->second);
    }
    std::ranges::sort(found);
    return found;
}

VolumeId VolumeTable::add(std::string_view key) {
    const std::string owned(key);
    if (const auto known = by_key_.find(owned); known != by_key_.end())
        return known->second;
    const VolumeId id = free_id();
    if (id == 0)
        return 0;
    insert_.run(id, key);
    Volume volume;
    volume.id = id;
    volume.key = owned;
    volume.pinned = pins_.contains(owned);
    entries_.emplace(id, Entry{std::move(volume), false});
    by_key_.emplace(owned, id);
    highest_ = std::max(highest_, id);
    return id;
}

VolumeId VolumeTable::free_id() const {
    if (highest_ < max_volume_id)
        return highest_ + 1; // an old number is not used again as long as there are new ones
    if (entries_.size() >= max_volume_id)
        return 0;
    VolumeId id = 1;
    while (entries_.contains(id))
        ++id;
    return id;
}

void VolumeTable::orphan(VolumeId id) {
    Entry* const found = entry(id);
    if (found == nullptr)
        return;
    constexpr std::size_t longer_than_any = 256;
    std::string key = std::string(longer_than_any, '\0') + std::to_string(id);
    rename_.run(id, key);
    by_key_.erase(found->volume.key);
    by_key_.emplace(key, id);
    found->volume.key = std::move(key);
    found->volume.pinned = false;
}

void VolumeTable::remove(VolumeId id) {
    const auto found = entries_.find(id);
    if (found == entries_.end())
        return;
    delete_.run(id);
    totals_ += -Delta::of(found->second.volume.totals);
    by_key_.erase(found->second.volume.key);
    std::erase(dirty_, id);
    entries_.erase(found);
    last_ = nullptr;
}

VolumeTable::Entry* VolumeTable::entry(VolumeId id) {
    if (last_ == nullptr || last_->volume.id != id) {
        const auto found = entries_.find(id);
        if (found == entries_.end())
            return nullptr;
        last_ = &found->second;
    }
    return last_;
}

const Volume* VolumeTable::find(VolumeId id) {
    const Entry* found = entry(id);
    return found != nullptr ? &found->volume : nullptr;
}

const Volume* VolumeTable::find(std::string_view key) {
    const auto found = by_key_.find(std::string(key));
    return found != by_key_.end() ? find(found->second) : nullptr;
}

std::vector<Volume> VolumeTable::all() const {
    std::vector<Volume> volumes;
    volumes.reserve(entries_.size());
    for (const auto& [id, entry] : entries_)
        volumes.push_back(entry.volume);
    std::ranges::sort(volumes, {}, &Volume::id);
    return volumes;
}

void VolumeTable::mark_dirty(Entry& entry) {
    if (!entry.dirty)
        dirty_.push_back(entry.volume.id);
    entry.dirty = true;
}

void VolumeTable::change(Entry& entry, const Delta& delta) {
    entry.volume.totals += delta;
    totals_ += delta;
    if (entry.volume.totals.objects == 0)
        entry.volume.newest_use = 0;
    mark_dirty(entry);
}

void VolumeTable::charge(ObjectId id, const Delta& delta) {
    if (Entry* found = entry(id.volume()); found != nullptr)
        change(*found, delta);
    if (audit_ != nullptr)
        audit_->charge(id, delta);
}

void VolumeTable::charge(VolumeId id, const Delta& delta) {
    if (Entry* found = entry(id); found != nullptr)
        change(*found, delta);
}

void VolumeTable::used(VolumeId id, Seconds last_use) {
    Entry* found = entry(id);
    if (found == nullptr || found->volume.newest_use >= last_use)
        return;
    found->volume.newest_use = last_use;
    mark_dirty(*found);
}

void VolumeTable::write() {
    for (const VolumeId id : dirty_) {
        Entry& changed = entries_.at(id);
        const Delta totals = Delta::of(changed.volume.totals);
        update_.run(id, totals.objects, totals.bytes, totals.in_use, changed.volume.newest_use);
        changed.dirty = false;
    }
    dirty_.clear();
}

} // namespace cachefiles::index
