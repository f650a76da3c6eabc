// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/index.hpp"
#include "index/test_hooks.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cachefiles::tests {

/// An index in a directory of its own, with a small reserve and page cache.
struct IndexFixture {
    TemporaryDirectory directory;
    SimulatedClock clock;
    RecordingLog log;
    index::IndexOptions options = make_options(directory.path() / "cache.db");
    std::unique_ptr<index::Index> index;

    [[nodiscard]] static index::IndexOptions make_options(const std::filesystem::path& path) {
        index::IndexOptions options;
        options.path = path;
        options.page_cache = 4 << 20;
        options.reserve = 1 << 20;
        options.hooks = std::make_shared<index::TestHooks>(index::TestHooks{.sync = false});
        return options;
    }

    void open() {
        index.reset(); // first: it holds the lock
        index = index::Index::open(options, clock, log);
    }
    [[nodiscard]] bool sound() { return index->verify().empty(); }

    /// The names in the order of culling.
    [[nodiscard]] std::vector<std::string> order(index::OldestQuery query = {}) {
        if (query.limit == 0)
            query.limit = 1'000'000;
        std::vector<std::string> names;
        for (const index::Object& object : index->oldest(query))
            names.push_back(object.name);
        return names;
    }
};

[[nodiscard]] inline index::Attributes used_at(Seconds last_use, std::uint64_t bytes = 4096) {
    return {bytes, last_use, index::ObjectState::idle};
}

using Names = std::vector<std::string>;

} // namespace cachefiles::tests
