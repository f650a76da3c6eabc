// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "base/log.hpp"
#include "index/content_map.hpp"
#include "index/index_options.hpp"
#include "index/map_update.hpp"
#include "index/object.hpp"
#include "index/oldest_query.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cachefiles::index {

/// What is in a cache. The only place that knows SQL (schema.sql).
///
/// Changes go into an open transaction and become durable by `commit_if_due()` or `commit()`, and
/// when it is destroyed. They are visible to every later call at once. A touch waits in memory
/// until it is due, until somebody asks for the order, or until 65,536 wait; coalescing never
/// changes the order.
///
/// Threads: every member may be called from any thread; calls are serialised. What may take long
/// (verify, for_each, oldest in a large index, remove_volume) works in steps of some 20 ms and lets
/// others in between them; touch() waits for nobody.
///
/// Errors: a database that cannot be read or written never throws here. A corrupt one is moved
/// aside (PATH.corrupt-TIME) and an empty one takes its place, also in the middle of the work; if
/// none can be made, one in memory. On a full disk the reserve is given up first; after that the
/// changes stay in memory and `commit()` returns false, until they need more than the page cache:
/// then those since the last commit are lost. Whenever anything is lost `generation()` changes,
/// which tells the owner to scan again. Only open() throws SystemError: if another process has the
/// index (EWOULDBLOCK, EBUSY), or not even a database in memory can be made.
///
/// Files: PATH, PATH-wal, PATH-lock (holds the pid), PATH-reserve, PATH.corrupt-TIME.
class Index final {
public:
    [[nodiscard]] static std::unique_ptr<Index> open(const IndexOptions& options,
                                                     const Clock& clock, Log& log);
    /// Commits, and notes that the database was closed in order.
    ~Index();
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;

    // --- volumes ---
    /// The volume of that key, made if need be. 0 when there are 2^20-1 volumes already.
    VolumeId add_volume(std::string_view key);
    /// Forgets the volume with its objects, marks and maps. Returns what it held.
    Totals remove_volume(VolumeId volume);
    /// Its directory is no volume's any more, but its objects stay until remove_volume(): the next
    /// add_volume() of its key makes another one.
    void orphan_volume(VolumeId volume);
    [[nodiscard]] std::vector<Volume> volumes();
    [[nodiscard]] std::optional<Volume> volume(VolumeId volume);
    [[nodiscard]] std::optional<Volume> volume(std::string_view key);
    [[nodiscard]] Totals totals();
    /// Pins the volumes of that key, or lets go of them: the one that there is, and those that will
    /// be made. Durable at once, if there is room on the disk.
    void pin(std::string_view key, bool pinned);
    /// Raises every volume's `newest_use` to that time: something in it may have been used until
    /// then, and nobody knows what.
    void use_volumes(Seconds last_use);

    // --- objects ---
    /// Inserts or replaces; the id stays that of the first insertion. An id of value 0 if the
    /// volume is unknown, or in the one case in which a name cannot be recorded (name_hash.hpp).
    ObjectId put(DirectoryId directory, std::string_view name, const Attributes& attributes);
    /// What a scan found in one directory, in any order; ids are ignored. Inserts what is new. Of a
    /// known object the size is replaced, but last_use never moves back and the state stays: a scan
    /// knows neither as well as the index does.
    void put_all(DirectoryId directory, std::span<const Object> objects);
    [[nodiscard]] std::optional<Object> find(DirectoryId directory, std::string_view name);
    [[nodiscard]] std::optional<Object> find(ObjectId id);
    /// Used at that time; never moves last_use back. Unknown ids are ignored.
    void touch(ObjectId id, Seconds last_use);
    /// Changes the state, and with `last_use` the recency (never back), of every object listed.
    void set_state(std::span<const ObjectId> ids, ObjectState state,
                   std::optional<Seconds> last_use = std::nullopt);
    /// Every in_use object becomes idle (a new bind: nothing is in use).
    void set_all_idle();
    void forget(std::span<const ObjectId> ids);
    /// The fast way for objects as oldest() or find() returned them. One whose row has changed
    /// since stays: it was used, or it was made anew after it was evicted. Returns how many were
    /// forgotten.
    std::size_t forget(std::span<const Object> objects);
    bool forget(DirectoryId directory, std::string_view name);
    /// All objects of a directory, in id order. `visit` may call the index; what is changed
    /// meanwhile may be seen as it was before or after.
    void for_each(DirectoryId directory, const std::function<void(const Object&)>& visit);

    // --- recency ---
    /// Idle objects, least recently used first, larger first among those of one second, then by id.
    [[nodiscard]] std::vector<Object> oldest(const OldestQuery& query);
    /// last_use of the idle object that has `skip` older ones before it (0: of the oldest).
    [[nodiscard]] std::optional<Seconds> nth_oldest_use(std::uint64_t skip);
    /// As nth_oldest_use(0), for one who only wants to show it, and may ask often: no touch is
    /// written before its time for that. May be too late while very many wait.
    [[nodiscard]] std::optional<Seconds> oldest_use();
    /// Moves the cursor over so many idle objects, in one go and without looking at touches that
    /// wait; others wait meanwhile, some 10 ms for each 100,000. Returns over how many.
    std::size_t walk_order(RecencyCursor& cursor, std::size_t steps);

    // --- being in step with the tree ---
    /// Directory mtime (ns since the epoch) at which the index held exactly what is there.
    [[nodiscard]] std::optional<std::int64_t> mark(DirectoryId directory);
    void set_mark(DirectoryId directory, std::int64_t mtime_ns);
    void clear_mark(DirectoryId directory);
    void clear_all_marks();
    /// Every directory with its mark, in id order, in one go (start-up reads them all).
    [[nodiscard]] std::vector<std::pair<DirectoryId, std::int64_t>> marks();
    /// Directories whose objects' xattrs are still to be checked, oldest request first.
    [[nodiscard]] std::vector<DirectoryId> unchecked(std::size_t limit);
    void set_checked(DirectoryId directory, bool checked);

    // --- content maps (user backend) ---
    /// One map covers 1 GiB of the object. A map that was never set, or of another content, is
    /// empty.
    [[nodiscard]] ContentMap content_map(ObjectId id, std::uint32_t map_no, ContentId content);
    /// All that are not, in order.
    [[nodiscard]] std::vector<NumberedMap> content_maps(ObjectId id, ContentId content);
    /// In place of all the maps that the object has, of whatever content. An object that is not
    /// known gets none; so does content 0.
    void set_content_maps(ObjectId id, ContentId content, std::span<const NumberedMap> maps);
    /// Adds to maps of the same content, and takes the place of those of another one. In one
    /// transaction, with what else is in it.
    void merge_content_maps(std::span<const MapUpdate> updates);
    void clear_content_maps(ObjectId id);

    // --- facts about the whole, as text (boot id, layout version of the scanner...) ---
    [[nodiscard]] std::optional<std::string> fact(std::string_view name);
    void set_fact(std::string_view name, std::string_view value);

    // --- bulk load ---
    /// Between begin_load() and end_load() an index without objects is filled without maintaining
    /// the recency order, which end_load() then builds at once: faster the larger it is. oldest()
    /// finds nothing meanwhile. On an index that has objects both do nothing. end_load() takes
    /// about 1 s for each million objects, during which other calls (but touch) wait.
    void begin_load();
    void end_load();

    // --- durability ---
    /// False if the changes are not durable (full disk); they are kept and tried again.
    bool commit();
    /// commit() if the interval or the count is reached. Call it often; it is cheap otherwise.
    bool commit_if_due();
    /// Whether changes are waiting to become durable.
    [[nodiscard]] bool uncommitted();
    /// How long commits took that had something to do, whatever came of them.
    [[nodiscard]] const Histogram& commit_times() const;
    /// Compares totals with the rows, runs SQLite's own check, repairs the totals. One line for
    /// each difference; empty: sound. `go_on` (may be empty) is asked between steps and told how
    /// many rows have been compared; it may call the index. If it says no, that is the end.
    [[nodiscard]] std::vector<std::string>
    verify(const std::function<bool(std::uint64_t rows)>& go_on = {});
    /// Changes whenever the contents were lost (corruption) and must be scanned again.
    [[nodiscard]] std::uint64_t generation();

private:
    struct Impl;

    explicit Index(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

} // namespace cachefiles::index
