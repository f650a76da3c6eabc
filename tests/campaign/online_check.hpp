// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "client/cachefiles.h"
#include "tests/campaign/history.hpp"
#include "tests/campaign/journal.hpp"
#include "tests/campaign/judge.hpp"
#include "tests/campaign/random.hpp"
#include "tests/campaign/tally.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace cachefiles::campaign {

/// Asks a daemon that has just come back for every file, as a network file system would after a
/// crash: mostly with the coherency data that are current, sometimes with those of a version
/// before (a source that was restored from a backup) or to come. Whatever it says is there is read
/// and compared with that version.
class OnlineCheck final {
public:
    OnlineCheck(const std::vector<Source>& sources, const History& history, std::uint64_t seed)
        : sources_(sources), history_(history), random_(seed) {}

    /// All files are in volumes of `connection`, which nobody else has. Errors: SystemError.
    [[nodiscard]] Tally run(cachefiles_connection* connection);
    /// What a workload may go on from: the present versions, and the blocks that were found.
    void note_found(Journal& journal) const;

private:
    void check_file(cachefiles_volume* volume, const Source& source);
    /// The blocks that are there.
    [[nodiscard]] std::set<std::uint64_t> read_all(cachefiles_cookie* cookie, const Source& source,
                                                   std::uint32_t version);
    [[nodiscard]] bool read_range(cachefiles_cookie* cookie, const Source& source,
                                  std::uint32_t version, std::uint64_t start, std::uint64_t length);
    [[nodiscard]] std::uint32_t version_to_ask(const Source& source);
    void count_lost(const FileHistory& file, const std::set<std::uint64_t>& present);

    const std::vector<Source>& sources_;
    const History& history_;
    Random random_;
    Judge judge_;
    Tally tally_;
    std::map<std::uint32_t, std::set<std::uint64_t>> found_; // blocks of present versions
};

} // namespace cachefiles::campaign
