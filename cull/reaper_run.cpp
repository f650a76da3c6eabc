// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/reaper_run.hpp"

#include "base/error.hpp"
#include "base/open_beneath.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

namespace cachefiles::cull {
namespace {

// The driver's graveyard is 3 deep. Each level holds a descriptor and a buffer.
constexpr std::size_t deepest = 16;
// Of a directory that is not empty after all: names that appeared, or that the file system passed
// over while others were deleted. More than that is somebody who fills it; the next run goes on.
constexpr unsigned most_rescans = 3;
constexpr std::uint64_t entries_between_questions = 256;

constexpr int open_directory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

constexpr std::string_view moved_prefix = "reaper-";

void append_printable(std::string& text, std::string_view bytes) {
    for (const char c : bytes) {
        if (c >= ' ' && c <= '~' && c != '\\')
            text += c;
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
}

std::array<char, 32> moved_name(std::uint64_t number) {
    std::array<char, 32> name{};
    fmt::format_to_n(name.data(), name.size() - 1, "{}{:x}", moved_prefix, number);
    return name;
}

} // namespace

ReaperRun::ReaperRun(Fd graveyard, const std::function<bool()>& go_on,
                     std::atomic<std::uint64_t>& deleted_bytes, std::uint64_t first_number)
    : go_on_(go_on), deleted_bytes_(deleted_bytes), moved_first_(first_number),
      moved_begin_(first_number), moved_end_(first_number) {
    levels_.reserve(deepest);
    enter(std::move(graveyard), "", 0);
}

void ReaperRun::run() {
    for (std::uint64_t entries = 0; !levels_.empty(); ++entries) {
        if (entries % entries_between_questions == 0 && !go_on_()) {
            report_.stopped = true;
            return;
        }
        if (const std::optional<DirectoryReader::Entry> entry = levels_.back().reader.next()) {
            if (was_moved(entry->name)) // has its turn by number
                continue;
            if (entry->type == DT_DIR)
                descend(entry->name);
            else
                remove(entry->name);
        } else {
            leave();
        }
    }
}

void ReaperRun::remove(const char* name) {
    if (remove_file(name) == Removal::is_directory)
        descend(name);
}

ReaperRun::Removal ReaperRun::remove_file(const char* name) {
    const int directory = levels_.back().reader.fd();
    struct statx status{};
    if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              STATX_TYPE | STATX_NLINK | STATX_BLOCKS, &status) == 0) {
        if (S_ISDIR(status.stx_mode))
            return Removal::is_directory;
    }
    if (unlinkat(directory, name, 0) == 0) {
        ++report_.files;
        deleted(status.stx_nlink <= 1 ? status.stx_blocks * 512 : 0);
    } else if (errno == EISDIR) {
        return Removal::is_directory;
    } else if (errno != ENOENT) { // deleted by somebody else is deleted
        fail(name, errno);
    }
    return Removal::done;
}

void ReaperRun::descend(const char* name) {
    if (levels_.size() == deepest) {
        move_up(name);
        return;
    }
    Fd directory = open_beneath(levels_.back().reader.fd(), name, open_directory);
    if (!directory) {
        const bool is_file = errno == ENOTDIR || errno == ELOOP; // it was exchanged meanwhile
        if (errno == ENOENT || (is_file && remove_file(name) == Removal::done))
            return;
        fail(name, is_file ? EAGAIN : errno);
        return;
    }
    struct stat status{};
    const std::uint64_t blocks =
        fstat(directory.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) : 0;
    enter(std::move(directory), name, blocks * 512);
}

void ReaperRun::enter(Fd directory, const char* name, std::uint64_t bytes) {
    DirectoryReader reader(directory.get());
    levels_.push_back({std::move(directory), std::move(reader), name, bytes});
}

/// Makes a directory that lies too deep one of the graveyard's own.
void ReaperRun::move_up(const char* name) {
    const int from = levels_.back().reader.fd();
    const int graveyard = levels_.front().reader.fd();
    while (renameat2(from, name, graveyard, moved_name(moved_end_).data(), RENAME_NOREPLACE) != 0) {
        if (errno == ENOENT)
            return;
        if (errno != EEXIST) {
            fail(name, errno);
            return;
        }
        ++moved_end_; // left by an earlier process; it is tried once more, which does no harm
    }
    ++moved_end_;
    levels_.back().progress = true;
}

/// The end of a directory: deletes it and goes on in the one above.
void ReaperRun::leave() {
    Level& level = levels_.back();
    if (level.reader.error() != 0 && !level.failed)
        fail(".", level.reader.error());
    const bool is_graveyard = levels_.size() == 1;
    if (is_graveyard && (rescan() || next_moved()))
        return;
    if (is_graveyard) {
        levels_.pop_back();
        return;
    }
    Level& above = levels_[levels_.size() - 2];
    int error = 0;
    if (!level.failed) {
        if (unlinkat(above.reader.fd(), level.name, AT_REMOVEDIR) == 0)
            ++report_.directories;
        else
            error = errno;
        if ((error == ENOTEMPTY || error == EEXIST) && rescan())
            return;
    }
    const bool stays = level.failed;
    const Level left = std::move(level);
    levels_.pop_back();
    if (stays)
        above.failed = true;
    else if (error == 0)
        deleted(left.bytes);
    else if (error != ENOENT)
        fail(left.name, error);
}

/// Whether another look from the start is worth it; then the reader stands there.
bool ReaperRun::rescan() {
    Level& level = levels_.back();
    if (!level.progress || level.failed || level.rescans == most_rescans)
        return false;
    level.progress = false;
    ++level.rescans;
    level.reader.rewind();
    return true;
}

/// Goes into the next directory that was moved up, if there is one.
bool ReaperRun::next_moved() {
    if (moved_begin_ == moved_end_)
        return false;
    moved_name_ = moved_name(moved_begin_++);
    descend(moved_name_.data());
    return true;
}

/// Whether it is one of those that this run moved up, met while reading the graveyard.
bool ReaperRun::was_moved(const char* name) const {
    const std::string_view text = name;
    if (levels_.size() > 1 || !text.starts_with(moved_prefix))
        return false;
    std::uint64_t number = 0;
    std::from_chars(name + moved_prefix.size(), name + text.size(), number, 16);
    return number >= moved_first_ && number < moved_end_ && text == moved_name(number).data();
}

void ReaperRun::deleted(std::uint64_t bytes) {
    levels_.back().progress = true;
    report_.bytes += bytes;
    deleted_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

void ReaperRun::fail(const char* name, int error) {
    ++report_.failed;
    levels_.back().failed = true;
    if (!first_failure_.empty())
        return;
    for (const Level& level : levels_) {
        if (*level.name != '\0') {
            append_printable(first_failure_, level.name);
            first_failure_ += '/';
        }
    }
    append_printable(first_failure_, name);
    first_failure_ += ": ";
    first_failure_ += error == EXDEV ? "a mount point" : errno_text(error);
}

} // namespace cachefiles::cull
