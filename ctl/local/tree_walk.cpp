// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/tree_walk.hpp"

#include "base/error.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace cachefiles::ctl {

TreeWalk::TreeWalk(std::string path, Complaints& complaints)
    : path_(std::move(path)), complaints_(complaints),
      root_(open(path_.c_str(), O_PATH | O_CLOEXEC)) {
    const std::optional<Look> look = root_ ? look_at(root_.get()) : std::nullopt;
    if (!look)
        throw Failure(ExitStatus::failure,
                      fmt::format("{}: {}", visible(path_), errno_text(errno)));
    mount_ = look->mount;
    single_ = look->type == S_IFREG;
    if (look->type == S_IFDIR)
        enter(root_.get(), path_.ends_with('/') ? path_ : path_ + "/");
    else if (!single_)
        throw Failure(ExitStatus::failure,
                      fmt::format("{}: is neither a directory nor a file", visible(path_)));
}

std::optional<FoundFile> TreeWalk::next() {
    if (std::exchange(single_, false))
        return FoundFile{nullptr, {}, path_};
    while (!levels_.empty()) {
        Level& level = levels_.back();
        if (const std::optional<DirectoryReader::Entry> entry = level.reader.next()) {
            if (std::optional<FoundFile> found = take(*entry, level))
                return found;
            continue;
        }
        if (level.reader.error() != 0)
            complaints_.add(level.path, level.reader.error());
        levels_.pop_back();
    }
    return std::nullopt;
}

std::optional<TreeWalk::Look> TreeWalk::look_at(int place) {
    // What the lookup brought is enough; nothing is asked of the source.
    constexpr int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
    struct statx status{};
    if (statx(place, "", flags, STATX_TYPE | STATX_MNT_ID, &status) != 0)
        return std::nullopt;
    const std::uint64_t device = (std::uint64_t{status.stx_dev_major} << 32) | status.stx_dev_minor;
    return Look{{device, (status.stx_mask & STATX_MNT_ID) != 0 ? status.stx_mnt_id : 0},
                static_cast<unsigned>(status.stx_mode) & S_IFMT};
}

void TreeWalk::enter(int place, std::string path) {
    Fd directory(openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        complaints_.add(path, errno);
        return;
    }
    const int fd = directory.get();
    levels_.push_back(
        {std::make_shared<const Fd>(std::move(directory)), DirectoryReader(fd), std::move(path)});
}

std::optional<FoundFile> TreeWalk::take(const DirectoryReader::Entry& entry, const Level& level) {
    FoundFile file{level.directory, entry.name, level.path + entry.name};
    if (entry.type == DT_REG)
        return file;
    if (entry.type != DT_DIR && entry.type != DT_UNKNOWN)
        return std::nullopt;
    const std::optional<Place> place = open_place(level.directory->get(), entry.name, file.path);
    if (place && place->type == S_IFREG)
        return file;
    if (place && place->type == S_IFDIR)
        enter(place->place.get(), file.path + "/"); // `level` is gone then
    return std::nullopt;
}

std::optional<Fd> TreeWalk::place_of(const FoundFile& file) {
    if (file.directory == nullptr)
        return Fd(fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
    std::optional<Place> place = open_place(file.directory->get(), file.name.c_str(), file.path);
    if (!place || place->type != S_IFREG)
        return std::nullopt;
    return std::move(place->place);
}

/// What is not on another mount, and what it is.
std::optional<TreeWalk::Place> TreeWalk::open_place(int directory, const char* name,
                                                    const std::string& path) {
    Fd place(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    const std::optional<Look> look = place ? look_at(place.get()) : std::nullopt;
    if (!look) {
        if (errno != ENOENT) // deleted meanwhile
            complaints_.add(path, errno);
        return std::nullopt;
    }
    if (look->mount != mount_) {
        ++other_mounts_;
        return std::nullopt;
    }
    return Place{std::move(place), look->type};
}

} // namespace cachefiles::ctl
