// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/directory_reader.hpp"
#include "base/fd.hpp"
#include "cull/reaper.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace cachefiles::cull {

/// One run of the reaper: the directories from the graveyard down to where it works.
class ReaperRun final {
public:
    /// Adds what it deletes to `deleted_bytes` as it goes. What it moves up gets the numbers from
    /// `first_number`.
    ReaperRun(Fd graveyard, const std::function<bool()>& go_on,
              std::atomic<std::uint64_t>& deleted_bytes, std::uint64_t first_number);

    void run();

    [[nodiscard]] const Reaper::Report& report() const { return report_; }
    /// "PATH: why" of the first entry that could not be deleted; the path in printable characters.
    [[nodiscard]] const std::string& first_failure() const { return first_failure_; }

    /// The first number that was not needed.
    [[nodiscard]] std::uint64_t next_number() const { return moved_end_; }

private:
    /// A directory that is being emptied.
    struct Level {
        Fd directory;
        DirectoryReader reader;
        const char* name;      // in the level above, whose reader keeps it
        std::uint64_t bytes;   // of the directory itself
        bool progress = false; // something was deleted since the last look from the start
        bool failed = false;   // something stays: so does the directory
        unsigned rescans = 0;
    };
    enum class Removal { done, is_directory };

    void remove(const char* name);
    [[nodiscard]] Removal remove_file(const char* name);
    void descend(const char* name);
    void enter(Fd directory, const char* name, std::uint64_t bytes);
    void move_up(const char* name);
    void leave();
    [[nodiscard]] bool rescan();
    [[nodiscard]] bool next_moved();
    [[nodiscard]] bool was_moved(const char* name) const;
    void deleted(std::uint64_t bytes);
    void fail(const char* name, int error);

    const std::function<bool()>& go_on_;
    std::atomic<std::uint64_t>& deleted_bytes_;
    std::vector<Level> levels_; // the first is the graveyard
    Reaper::Report report_;
    std::string first_failure_;
    // Directories that were moved up: [first, begin) have been tried, [begin, end) are to be.
    std::uint64_t moved_first_, moved_begin_, moved_end_;
    std::array<char, 32> moved_name_{}; // of the one at work
};

} // namespace cachefiles::cull
