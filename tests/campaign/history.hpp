// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/campaign/source.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cachefiles::campaign {

/// What the journal says of one file.
struct FileHistory {
    std::uint32_t version = 0; ///< that the source has
    bool told = true;          ///< and the cache knows it
    bool modifying = false;    ///< is used for modification
    /// Blocks that were stored and are still good, and when, in milliseconds of the journal.
    std::map<std::uint64_t, std::int64_t> blocks;
};

/// What the workload did, up to some line of its journal.
struct History {
    std::vector<FileHistory> files;
    std::uint64_t lines = 0;
    std::int64_t end = 0; ///< time of the last line, milliseconds

    /// A journal that is not there is an empty one. Reads `until` lines at most.
    [[nodiscard]] static History read(const std::filesystem::path& path,
                                      const std::vector<Source>& sources, std::uint64_t until);
};

[[nodiscard]] std::vector<Source> make_sources(const SourceOptions& options);

} // namespace cachefiles::campaign
