// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/directory_reader.hpp"
#include "base/fd.hpp"
#include "ctl/local/complaints.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::ctl {

/// A file of a tree, of which nothing was asked yet but its name.
struct FoundFile {
    std::shared_ptr<const Fd> directory; ///< NULL: it is the path of the walk itself
    std::string name;                    ///< in the directory
    std::string path;                    ///< for people
};

/// The regular files of a tree, one after another, in the order in which the directories have them.
/// Follows no symbolic links but the path itself, enters no other mounts, and triggers none.
/// Memory: of one directory for each level. One thread at a time.
class TreeWalk final {
public:
    /// `path` may be a single file, too. What cannot be read is a complaint, and passed over; they
    /// outlive the walk. Errors: Failure, if the path itself cannot be looked at.
    TreeWalk(std::string path, Complaints& complaints);

    /// One thread at a time. It waits for directories only.
    [[nodiscard]] std::optional<FoundFile> next();
    /// Looks the file up: O_PATH. Nothing if it is passed over: it is gone, on another mount, or
    /// cannot be looked at. Any thread: of a source far away several are looked up at a time.
    [[nodiscard]] std::optional<Fd> place_of(const FoundFile& file);

    /// Of the path itself, with O_PATH.
    [[nodiscard]] int place() const { return root_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Mount points that were not entered so far.
    [[nodiscard]] std::uint64_t other_mounts() const { return other_mounts_; }

private:
    struct Mount {
        std::uint64_t device = 0, id = 0;
        bool operator==(const Mount&) const = default;
    };
    struct Look {
        Mount mount;
        unsigned type = 0; ///< S_IFMT of the mode
    };
    struct Level {
        std::shared_ptr<const Fd> directory;
        DirectoryReader reader;
        std::string path; ///< with a slash at the end
    };

    struct Place {
        Fd place;
        unsigned type = 0;
    };

    [[nodiscard]] static std::optional<Look> look_at(int place);
    [[nodiscard]] std::optional<Place> open_place(int directory, const char* name,
                                                  const std::string& path);
    void enter(int place, std::string path);
    [[nodiscard]] std::optional<FoundFile> take(const DirectoryReader::Entry& entry,
                                                const Level& level);

    std::string path_;
    Complaints& complaints_;
    Fd root_;
    Mount mount_;
    bool single_ = false; ///< the path is a file, which is still to be given out
    std::vector<Level> levels_;
    std::atomic<std::uint64_t> other_mounts_ = 0;
};

} // namespace cachefiles::ctl
