// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/reconciler.hpp"

#include "base/bytes_text.hpp"
#include "base/error.hpp"
#include "base/open_beneath.hpp"
#include "cache/store/alternative_name.hpp"
#include "cache/store/attribute.hpp"
#include "daemon/tree/settling.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/volume_name.hpp"
#include "protocol/xattr.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace cachefiles::daemon {
namespace {

// A directory that changes all the time is left as it is after so many times.
constexpr int most_readings = 3;

void add(ReconcileReport& to, const ReconcileReport& from) {
    to.directories_read += from.directories_read;
    to.objects_read += from.objects_read;
    to.removed += from.removed;
    to.foreign.add(from.foreign);
    to.unsettled.insert(to.unsettled.end(), from.unsettled.begin(), from.unsettled.end());
    to.unread.insert(to.unread.end(), from.unread.begin(), from.unread.end());
    to.read_error = from.read_error != 0 ? from.read_error : to.read_error;
    to.complete &= from.complete;
}

/// A volume directory without its xattr, or with a longer one than its network file system uses,
/// is refused by the driver for ever (on-disk-format.md section 3, Linux 6.1.100).
bool refused_for_ever(int volume, std::string_view key) {
    std::array<char, 512> value{};
    const ssize_t length = fgetxattr(volume, protocol::xattr_name, value.data(), value.size());
    if (length < 0 && errno != ENODATA)
        return false;
    std::optional<std::string_view> stored;
    if (length >= 0)
        stored = std::string_view(value.data(), static_cast<std::size_t>(length));
    return protocol::inspect_volume_xattr(stored, protocol::expected_coherency_length(key)) ==
           protocol::Coherency::refused;
}

} // namespace

Reconciler::Reconciler(Options options)
    : options_(std::move(options)), tree_(options_.tree), index_(options_.index) {
    options_.threads = std::max(options_.threads, 1U);
}

ReconcileReport Reconciler::run(const std::function<bool()>& go_on) {
    comparison_ = nullptr; // of a run that ended with an exception
    return go_through(go_on);
}

ReconcileReport Reconciler::compare(Comparison& comparison, const std::function<bool()>& go_on) {
    comparison.begin(options_.clock.now(), 0);
    comparison_ = &comparison;
    ReconcileReport report = go_through([&] { return go_on() && !comparison.canceled(); });
    comparison_ = nullptr;
    return report;
}

ReconcileReport Reconciler::go_through(const std::function<bool()>& go_on) {
    ReconcileReport report;
    progress_ = 0;
    const std::vector<index::Volume> volumes = find_volumes(report);
    const std::vector<Work> work = find_directories(volumes, report);
    if (comparison_ != nullptr)
        comparison_->begin(comparison_->began(), work.size());
    filling_ = comparison_ == nullptr && index_.totals().objects == 0;
    if (filling_)
        index_.begin_load();
    work_off(work, go_on, report);
    if (filling_)
        index_.end_load();
    index_.commit();
    if (!report.unread.empty())
        options_.log.warning(fmt::format("{} directories of the cache cannot be read: {}",
                                         report.unread.size(), errno_text(report.read_error)));
    return report;
}

std::vector<index::Volume> Reconciler::find_volumes(ReconcileReport& report) {
    const std::vector<index::Volume> known =
        index_.volumes(); // before: what comes later is not old
    std::vector<std::string> keys;
    const auto visit = [&](const char* name, unsigned char type) {
        std::optional<std::string> key;
        if (type == DT_DIR || type == DT_UNKNOWN)
            key = key_of(name);
        if (key)
            keys.push_back(*std::move(key));
        else
            report.foreign.add(name);
    };
    if (!read_names(tree_.cache(), visit))
        throw SystemError(fmt::format("cannot read {}/cache", tree_.path().native()));
    std::sort(keys.begin(), keys.end());
    std::vector<index::Volume> volumes;
    for (const std::string& key : keys) {
        if (const index::VolumeId id = index_.add_volume(key); id != 0)
            volumes.push_back({id, key, {}, 0});
    }
    if (comparison_ != nullptr) {
        for (const index::Volume& volume : volumes) {
            if (std::ranges::find(known, volume.id, &index::Volume::id) == known.end())
                note_unknown(volume);
        }
    }
    forget_volumes(known, keys, report);
    report.volumes = volumes.size();
    return volumes;
}

/// The key of the volume whose directory has that name; nothing if it is no volume's.
std::optional<std::string> Reconciler::key_of(const char* name) const {
    if (std::optional<std::string> key = protocol::decode_volume_name(name))
        return key;
    if (!cache::store::is_alternative_volume_name(name))
        return std::nullopt;
    const Fd directory = open_beneath(tree_.cache(), name, O_RDONLY | O_DIRECTORY);
    const auto key = cache::store::read_attribute(directory.get(), cache::store::key_xattr);
    if (!key || !*key || CacheTree::volume_name(**key) != name)
        return std::nullopt;
    return *key;
}

void Reconciler::forget_volumes(const std::vector<index::Volume>& known,
                                const std::vector<std::string>& keys, ReconcileReport& report) {
    for (const index::Volume& volume : known) {
        if (std::binary_search(keys.begin(), keys.end(), volume.key) ||
            tree_.open_volume(volume.key) || !says_gone(errno))
            continue;
        const index::Totals held = index_.remove_volume(volume.id);
        report.removed += held.objects;
        if (comparison_ != nullptr)
            comparison_->add(fmt::format("volume {} with {} objects was in the index only",
                                         bytes_text(volume.key), held.objects));
    }
}

std::vector<Reconciler::Work>
Reconciler::find_directories(const std::vector<index::Volume>& volumes, ReconcileReport& report) {
    static_assert(sizeof(Work) <= 16); // a cache of 1,000 volumes has 256,000 of them
    std::vector<Work> work;
    for (const index::Volume& volume : volumes) {
        const Fd directory = tree_.open_volume(volume.key);
        if (!directory) {
            report.foreign.add(CacheTree::volume_name(volume.key)); // a file, a link, a mount point
            continue;
        }
        if (refused_for_ever(directory.get(), volume.key))
            report.unusable.push_back(volume.id);
        const auto visit = [&](const char* name, unsigned char) {
            if (!protocol::parse_fanout_name(name))
                report.foreign.add(name);
        };
        if (!read_names(directory.get(), visit))
            options_.log.warning(
                fmt::format("cannot read volume {}: {}", volume.key, errno_text(errno)));
        // All 256, there or not: what the index knows of one that was removed must go.
        for (unsigned fanout = 0; fanout < 256; ++fanout)
            work.push_back({{volume.id, static_cast<std::uint8_t>(fanout)}, &volume.key});
    }
    // In id order: the database is then filled, and compared, from its beginning to its end.
    std::stable_sort(work.begin(), work.end(),
                     [](const Work& a, const Work& b) { return a.directory < b.directory; });
    report.directories = work.size();
    return work;
}

void Reconciler::work_off(const std::vector<Work>& work, const std::function<bool()>& go_on,
                          ReconcileReport& report) {
    const auto marks = index_.marks();
    std::atomic<std::size_t> next{0};
    std::mutex mutex; // guards report
    const auto worker = [&] {
        ReconcileReport part;
        for (std::size_t at = next++; at < work.size(); at = next++) {
            if (!go_on()) {
                part.complete = false;
                break;
            }
            const auto mark = std::lower_bound(
                marks.begin(), marks.end(), work[at].directory,
                [](const auto& entry, index::DirectoryId id) { return entry.first < id; });
            const bool marked = mark != marks.end() && mark->first == work[at].directory;
            look(work[at], marked ? mark->second : no_mark, part);
            ++progress_;
            if (comparison_ != nullptr)
                comparison_->step();
        }
        const std::lock_guard lock(mutex);
        add(report, part);
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < options_.threads; ++i)
        helpers.emplace_back(worker);
    worker();
}

void Reconciler::look(const Work& work, std::int64_t mark, ReconcileReport& report) {
    const Fd directory = tree_.open_fanout(*work.volume_key, work.directory.fanout);
    if (!directory && !says_gone(errno))
        return fail(work.directory, errno, report);
    if (!directory) {
        if (errno != ENOENT) // something else by that name, or another file system mounted there
            report.foreign.add(protocol::format_fanout_name(work.directory.fanout));
        std::vector<index::Object> known = known_in(work.directory);
        if (comparison_ != nullptr)
            note_differences(work, {}, known);
        forget_vanished(work, -1, std::move(known), report);
        return;
    }
    if (comparison_ == nullptr && mark != no_mark && mtime_of(directory.get()) == mark)
        return;
    read(work, directory.get(), report);
}

void Reconciler::refresh(index::DirectoryId directory, std::string_view volume_key,
                         ReconcileReport& report) {
    const std::string key(volume_key);
    filling_ = false;
    comparison_ = nullptr;
    look({directory, &key}, no_mark, report);
}

void Reconciler::read(const Work& work, int fd, ReconcileReport& report) {
    const Seconds before = options_.clock.now();
    std::optional<DirectoryContents> contents;
    for (int attempt = 0; attempt < most_readings; ++attempt) {
        std::vector<index::Object> known;
        if (!filling_ || attempt > 0)
            known = known_in(work.directory);
        contents = read_directory(fd);
        if (!contents)
            return fail(work.directory, errno, report);
        if (comparison_ != nullptr && attempt == 0)
            note_differences(work, *contents, known);
        std::unordered_set<std::string_view> names;
        for (const index::Object& object : contents->objects)
            names.insert(object.name);
        std::erase_if(known, [&](const index::Object& row) { return names.contains(row.name); });
        forget_vanished(work, fd, std::move(known), report);
        index_.put_all(work.directory, contents->objects);
        ++report.directories_read;
        report.objects_read += contents->objects.size();
        if (mtime_of(fd) == contents->mtime_ns)
            break; // otherwise something that was removed meanwhile may have been put in again
    }
    report.foreign.add(contents->foreign);
    index_.set_checked(work.directory, false);
    if (settled(contents->mtime_ns, before))
        index_.set_mark(work.directory, contents->mtime_ns);
    else
        report.unsettled.push_back(work.directory);
}

/// Before anything is repaired. What is about to be changed by others is not looked at.
void Reconciler::note_differences(const Work& work, const DirectoryContents& contents,
                                  const std::vector<index::Object>& known) {
    if (!counts(contents.mtime_ns))
        return;
    const auto path = [&work](const std::string& name) {
        return bytes_text(fmt::format("{}/{}/{}", CacheTree::volume_name(*work.volume_key),
                                      protocol::format_fanout_name(work.directory.fanout), name));
    };
    std::unordered_map<std::string_view, const index::Object*> in_index;
    for (const index::Object& row : known)
        in_index.emplace(row.name, &row);
    std::uint64_t other_size = 0;
    for (const index::Object& object : contents.objects) {
        const auto row = in_index.find(object.name);
        if (row == in_index.end()) {
            comparison_->add(fmt::format("{} was not in the index", path(object.name)));
            continue;
        }
        const index::Attributes& noted = row->second->attributes;
        const bool at_rest = noted.state == index::ObjectState::idle &&
                             std::max(noted.last_use, object.attributes.last_use) <
                                 comparison_->began() - settling_time;
        other_size += at_rest && noted.bytes != object.attributes.bytes ? 1 : 0;
        in_index.erase(row);
    }
    comparison_->other_size(other_size);
    for (const auto& [name, row] : in_index) {
        if (!in_use(work, row->name))
            comparison_->add(fmt::format("{} was in the index only", path(row->name)));
    }
}

void Reconciler::note_unknown(const index::Volume& volume) {
    const Fd directory = tree_.open_volume(volume.key);
    const std::optional<std::int64_t> mtime = mtime_of(directory.get());
    if (mtime && counts(*mtime))
        comparison_->add(fmt::format("volume {} was not in the index", bytes_text(volume.key)));
}

/// Whether a directory was at rest before the comparison began.
bool Reconciler::counts(std::int64_t mtime_ns) const {
    return settled(mtime_ns, comparison_->began());
}

void Reconciler::fail(index::DirectoryId directory, int error, ReconcileReport& report) {
    report.unread.push_back(directory);
    report.read_error = error;
}

std::vector<index::Object> Reconciler::known_in(index::DirectoryId directory) {
    std::vector<index::Object> known;
    index_.for_each(directory, [&](const index::Object& object) { known.push_back(object); });
    return known;
}

/// `rows` are what the index knew, and the directory (-1: it is gone) does not have. A row that
/// was changed meanwhile is looked at once more.
void Reconciler::forget_vanished(const Work& work, int fd, std::vector<index::Object> rows,
                                 ReconcileReport& report) {
    for (int attempt = 0; attempt < most_readings && !rows.empty(); ++attempt) {
        std::erase_if(rows, [&](const index::Object& row) { return stays(work, fd, row.name); });
        report.removed += index_.forget(rows);
        std::vector<index::Object> left;
        for (const index::Object& row : rows) {
            if (std::optional<index::Object> changed = index_.find(row.id))
                left.push_back(*std::move(changed));
        }
        rows = std::move(left);
    }
}

bool Reconciler::stays(const Work& work, int fd, const std::string& name) const {
    return in_use(work, name) || (fd >= 0 && (look_at(fd, name.c_str()) || !says_gone(errno)));
}

bool Reconciler::in_use(const Work& work, const std::string& name) const {
    return options_.in_use &&
           options_.in_use(fmt::format("{}/{}/{}", CacheTree::volume_name(*work.volume_key),
                                       protocol::format_fanout_name(work.directory.fanout), name));
}

} // namespace cachefiles::daemon
