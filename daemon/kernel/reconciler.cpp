// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/reconciler.hpp"

#include "base/error.hpp"
#include "daemon/kernel/settling.hpp"
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

namespace cachefiles::daemon {
namespace {

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

Reconciler::Reconciler(const CacheTree& tree, index::Index& index, const Clock& clock, Log& log,
                       unsigned threads)
    : tree_(tree), index_(index), clock_(clock), log_(log), threads_(std::max(threads, 1U)) {}

ReconcileReport Reconciler::run(const std::function<bool()>& go_on) {
    ReconcileReport report;
    progress_ = 0;
    const std::vector<index::Volume> volumes = find_volumes(report);
    const std::vector<Work> work = find_directories(volumes, report);
    filling_ = index_.totals().objects == 0;
    if (filling_)
        index_.begin_load();
    work_off(work, go_on, report);
    if (filling_)
        index_.end_load();
    index_.commit();
    if (!report.unread.empty())
        log_.warning(fmt::format("{} directories of the cache cannot be read: {}",
                                 report.unread.size(), errno_text(report.read_error)));
    return report;
}

std::vector<index::Volume> Reconciler::find_volumes(ReconcileReport& report) {
    std::vector<std::string> keys;
    const auto visit = [&](const char* name, unsigned char type) {
        const std::optional<std::string> key = protocol::decode_volume_name(name);
        if (key && (type == DT_DIR || type == DT_UNKNOWN))
            keys.push_back(*key);
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
    for (const index::Volume& known : index_.volumes()) {
        if (!std::binary_search(keys.begin(), keys.end(), known.key))
            report.removed += index_.remove_volume(known.id).objects;
    }
    report.volumes = volumes.size();
    return volumes;
}

std::vector<Reconciler::Work>
Reconciler::find_directories(const std::vector<index::Volume>& volumes, ReconcileReport& report) {
    static_assert(sizeof(Work) <= 16); // a cache of 1,000 volumes has 256,000 of them
    std::vector<Work> work;
    for (const index::Volume& volume : volumes) {
        const Fd directory = tree_.open_volume(volume.key);
        if (!directory) {
            report.foreign.add("I" + volume.key); // a file, a symbolic link, a mount point
            continue;
        }
        if (refused_for_ever(directory.get(), volume.key))
            report.unusable.push_back(volume.id);
        const auto visit = [&](const char* name, unsigned char) {
            if (!protocol::parse_fanout_name(name))
                report.foreign.add(name);
        };
        if (!read_names(directory.get(), visit))
            log_.warning(fmt::format("cannot read volume {}: {}", volume.key, errno_text(errno)));
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
        }
        const std::lock_guard lock(mutex);
        add(report, part);
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads_; ++i)
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
        apply(work.directory, {}, report);
        return;
    }
    if (mark != no_mark && mtime_of(directory.get()) == mark)
        return;
    read(work.directory, directory.get(), report);
}

void Reconciler::refresh(index::DirectoryId directory, std::string_view volume_key,
                         ReconcileReport& report) {
    const std::string key(volume_key);
    filling_ = false;
    look({directory, &key}, no_mark, report);
}

void Reconciler::read(index::DirectoryId directory, int fd, ReconcileReport& report) {
    const Seconds before = clock_.now();
    std::optional<DirectoryContents> contents = read_directory(fd);
    if (!contents)
        return fail(directory, errno, report);
    ++report.directories_read;
    report.objects_read += contents->objects.size();
    report.foreign.add(contents->foreign);
    apply(directory, contents->objects, report);
    index_.set_checked(directory, false);
    if (settled(contents->mtime_ns, before))
        index_.set_mark(directory, contents->mtime_ns);
    else
        report.unsettled.push_back(directory);
}

void Reconciler::fail(index::DirectoryId directory, int error, ReconcileReport& report) {
    report.unread.push_back(directory);
    report.read_error = error;
}

void Reconciler::apply(index::DirectoryId directory, const std::vector<index::Object>& found,
                       ReconcileReport& report) {
    if (!filling_) {
        std::unordered_map<std::string, index::ObjectId> known;
        index_.for_each(
            directory, [&](const index::Object& object) { known.emplace(object.name, object.id); });
        for (const index::Object& object : found)
            known.erase(object.name);
        std::vector<index::ObjectId> vanished;
        vanished.reserve(known.size());
        for (const auto& [name, id] : known)
            vanished.push_back(id);
        index_.forget(vanished);
        report.removed += vanished.size();
    }
    index_.put_all(directory, found);
}

} // namespace cachefiles::daemon
