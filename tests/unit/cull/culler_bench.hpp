// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/culler.hpp"
#include "index/index.hpp"
#include "tests/unit/cull/simulated_cache.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace cachefiles::tests {

/// A culler with everything it needs: a real index, and a simulated cache that the index knows.
class CullerBench final {
public:
    explicit CullerBench(cull::Culler::Options options = {})
        : index(index::Index::open(index_options(), clock, log)), cache(clock),
          culler(*index, cache, clock, log, options), start(clock.now()) {}

private:
    [[nodiscard]] index::IndexOptions index_options() const {
        index::IndexOptions options;
        options.path = directory_.path() / "test.db";
        return options;
    }

    TemporaryDirectory directory_;

public:
    SimulatedClock clock;
    RecordingLog log;
    std::unique_ptr<index::Index> index;
    SimulatedCache cache;
    cull::Culler culler;
    const Seconds start;

    /// A volume that is in use, so that it cannot be evicted as a whole.
    index::VolumeId add_mounted(std::string_view key) {
        const index::VolumeId volume = index->add_volume(key);
        cache.mounted.insert(volume);
        return volume;
    }

    /// An object that was used `age` seconds before the start.
    index::ObjectId add(index::VolumeId volume, Seconds age, std::uint64_t bytes = 4096,
                        std::uint8_t fanout = 0) {
        const Seconds last_use = start - age;
        const index::ObjectId id =
            index->put({.volume = volume, .fanout = fanout}, "D" + std::to_string(++names_),
                       {.bytes = bytes, .last_use = last_use});
        cache.files[id] = {.bytes = bytes, .last_use = last_use};
        return id;
    }

    /// In use in truth; with `known`, the index knows it too.
    void take(index::ObjectId id, bool known) {
        cache.files.at(id).in_use = true;
        if (known)
            index->set_state(std::span(&id, 1), index::ObjectState::in_use);
    }

    /// Let go now, and the index is told, as the daemon does at a release.
    void release(index::ObjectId id) {
        cache.files.at(id).in_use = false;
        cache.files.at(id).last_use = clock.now();
        index->set_state(std::span(&id, 1), index::ObjectState::idle, clock.now());
    }

    cull::PassReport run(const cull::Demand& demand, std::vector<index::VolumeId> pinned = {},
                         Seconds min_age = 0) {
        return culler.run(demand, pinned, min_age, [] { return true; });
    }

    /// Ids of what the index holds, in the order in which it should go.
    [[nodiscard]] std::vector<index::ObjectId> order() const {
        std::vector<std::tuple<Seconds, std::uint64_t, index::ObjectId>> keys;
        for (const auto& [id, file] : cache.files)
            keys.emplace_back(file.last_use, UINT64_MAX - file.bytes, id);
        std::sort(keys.begin(), keys.end());
        std::vector<index::ObjectId> ids;
        for (const auto& key : keys)
            ids.push_back(std::get<2>(key));
        return ids;
    }

    [[nodiscard]] std::size_t lines(std::string_view message_id) const {
        const std::vector<RecordingLog::Line> all = log.lines();
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [message_id](const RecordingLog::Line& line) {
                return line.message_id == message_id;
            }));
    }

private:
    int names_ = 0;
};

/// In a batch the order is that of the directories: which went, not when.
inline std::set<index::ObjectId> as_set(const std::vector<index::ObjectId>& ids) {
    return {ids.begin(), ids.end()};
}

/// So many bytes and objects, because free space is short.
inline cull::Demand wanted(std::uint64_t bytes, std::uint64_t objects,
                           cull::Reason reason = cull::Reason::watermark) {
    cull::Demand demand;
    demand.reason = reason;
    demand.bytes = bytes;
    demand.objects = objects;
    return demand;
}

inline cull::Demand wanted_before(Seconds used_before) {
    cull::Demand demand;
    demand.reason = cull::Reason::max_age;
    demand.used_before = used_before;
    return demand;
}

} // namespace cachefiles::tests
