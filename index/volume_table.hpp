// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/audit.hpp"
#include "index/delta.hpp"
#include "index/object.hpp"
#include "index/sqlite/statement.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cachefiles::index {

/// The volumes, all of them in memory, with their totals. Rows are made and deleted at once; the
/// totals of those that changed are written by write(), in the transaction of the changes.
class VolumeTable final {
public:
    /// Reads the rows. Errors, here and below: SqliteError.
    explicit VolumeTable(sqlite::Database& database);

    /// The volume of that key, made if need be; 0 if there are too many.
    VolumeId add(std::string_view key);
    void remove(VolumeId id);
    /// Its key is free for another volume; it has one that no volume can have.
    void orphan(VolumeId id);
    /// A pin is kept with the key, whether or not there is such a volume.
    void pin(std::string_view key, bool pinned);
    [[nodiscard]] const std::set<std::string, std::less<>>& pins() const { return pins_; }
    /// Volumes that have a pin, in order.
    [[nodiscard]] std::vector<VolumeId> pinned() const;
    [[nodiscard]] const Volume* find(VolumeId id);
    [[nodiscard]] const Volume* find(std::string_view key);
    [[nodiscard]] std::vector<Volume> all() const;
    [[nodiscard]] const Totals& totals() const { return totals_; }

    /// The rows of that object changed by that much. The volume must exist.
    void charge(ObjectId id, const Delta& delta);
    /// As charge() of several objects of one volume that no audit can be interested in singly.
    void charge(VolumeId id, const Delta& delta);
    /// An object of the volume was used then.
    void used(VolumeId id, Seconds last_use);
    /// Writes what changed into the open transaction.
    void write();
    [[nodiscard]] bool dirty() const { return !dirty_.empty(); }
    /// Reads the rows again: the transaction was rolled back.
    void reload();

    /// Who else wants to know of every charge; null for nobody. Borrowed.
    void set_audit(Audit* audit) { audit_ = audit; }

private:
    struct Entry {
        Volume volume;
        bool dirty = false;
    };

    Entry* entry(VolumeId id);
    [[nodiscard]] VolumeId free_id() const;
    void change(Entry& entry, const Delta& delta);
    void mark_dirty(Entry& entry);
    void read_pins();

    sqlite::Statement insert_;
    sqlite::Statement delete_;
    sqlite::Statement update_;
    sqlite::Statement select_;
    sqlite::Statement rename_;
    sqlite::Statement pins_query_;
    sqlite::Statement pin_;
    sqlite::Statement unpin_;

    std::unordered_map<VolumeId, Entry> entries_; // an Entry stays where it is
    std::unordered_map<std::string, VolumeId> by_key_;
    std::set<std::string, std::less<>> pins_; // keys
    std::vector<VolumeId> dirty_;
    Entry* last_ = nullptr; // objects come in runs of one volume
    VolumeId highest_ = 0;
    Totals totals_;
    Audit* audit_ = nullptr;
};

} // namespace cachefiles::index
