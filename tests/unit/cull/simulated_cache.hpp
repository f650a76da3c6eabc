// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/evictor.hpp"
#include "cull/space.hpp"
#include "tests/unit/simulated_clock.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace cachefiles::tests {

/// What is really there, as against what the index believes: a disk of objects, some of them in
/// use, and the evictor that removes them. Records what it was asked.
class SimulatedCache final : public cull::Evictor, public cull::SpaceProbe {
public:
    struct File {
        std::uint64_t bytes = 0;
        Seconds last_use = 0;
        bool in_use = false;
        bool broken = false; ///< cannot be removed
    };

    explicit SimulatedCache(SimulatedClock& clock) : clock_(clock) {}

    std::map<index::ObjectId, File> files;
    std::set<index::VolumeId> mounted;
    std::uint64_t graveyard_bytes = 0; ///< of volumes: taken until the test empties it
    std::uint64_t total_blocks = 1'000'000;

    bool dead = false;               ///< the cache is out of order
    bool asked_to_stop = false;      ///< everything is left pending
    bool can_tell_objects = true;    ///< in_use() has an answer
    bool can_tell_volumes = true;    ///< volumes_in_use() has an answer
    std::chrono::seconds question{}; ///< how long in_use() takes
    std::function<void()> after_batch;
    std::optional<cull::Verdict> volume_verdict; ///< instead of the truth

    std::vector<index::ObjectId> evicted; ///< one by one, in order
    std::vector<index::VolumeId> evicted_volumes;
    std::vector<std::vector<index::ObjectId>> batches;
    std::uint64_t tries = 0;
    std::uint64_t questions = 0; ///< calls of in_use()
    std::uint64_t volume_questions = 0;

    void evict(std::span<const index::Object> victims, std::span<cull::Outcome> outcomes) override {
        batches.emplace_back();
        for (std::size_t i = 0; i < victims.size(); ++i) {
            batches.back().push_back(victims[i].id);
            outcomes[i] = evict_one(victims[i]);
        }
        if (after_batch)
            after_batch();
    }

    [[nodiscard]] cull::Verdict evict_volume(const index::Volume& volume) override {
        if (volume_verdict)
            return *volume_verdict;
        const bool used = std::any_of(files.begin(), files.end(), [&volume](const auto& entry) {
            return entry.first.volume() == volume.id && entry.second.in_use;
        });
        if (used || mounted.contains(volume.id))
            return cull::Verdict::busy;
        evicted_volumes.push_back(volume.id);
        std::erase_if(files, [&](const auto& entry) {
            const bool inside = entry.first.volume() == volume.id;
            graveyard_bytes += inside ? entry.second.bytes : 0;
            return inside;
        });
        return cull::Verdict::evicted;
    }

    [[nodiscard]] std::optional<std::vector<index::ObjectId>> in_use() override {
        ++questions;
        clock_.advance(question);
        if (!can_tell_objects)
            return std::nullopt;
        std::vector<index::ObjectId> found;
        for (const auto& [id, file] : files) {
            if (file.in_use)
                found.push_back(id);
        }
        return found;
    }

    [[nodiscard]] std::optional<std::vector<index::VolumeId>> volumes_in_use() override {
        ++volume_questions;
        if (!can_tell_volumes)
            return std::nullopt;
        return std::vector<index::VolumeId>(mounted.begin(), mounted.end());
    }

    [[nodiscard]] cull::Space look() override {
        std::uint64_t used = graveyard_bytes;
        for (const auto& [id, file] : files)
            used += file.bytes;
        return {.block_size = block_size,
                .blocks = total_blocks,
                .free_blocks = total_blocks - used / block_size,
                .files = 0};
    }

    static constexpr std::uint64_t block_size = 4096;

private:
    [[nodiscard]] cull::Outcome evict_one(const index::Object& victim) {
        using cull::Verdict;
        if (asked_to_stop)
            return {};
        ++tries;
        if (dead)
            return {.verdict = Verdict::lost};
        const auto file = files.find(victim.id);
        if (file == files.end())
            return {.verdict = Verdict::gone};
        if (file->second.in_use)
            return {.verdict = Verdict::busy};
        if (file->second.last_use > victim.attributes.last_use)
            return {.verdict = Verdict::used, .last_use = file->second.last_use};
        if (file->second.broken)
            return {.verdict = Verdict::failed};
        files.erase(file);
        evicted.push_back(victim.id);
        return {.verdict = Verdict::evicted};
    }

    SimulatedClock& clock_;
};

} // namespace cachefiles::tests
