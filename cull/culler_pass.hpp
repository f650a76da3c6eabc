// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/culler.hpp"

#include <optional>
#include <unordered_set>
#include <vector>

namespace cachefiles::cull {

/// One run of the culler: what is still wanted, and where in the recency order it stands.
///
/// It always ends. The cursor only moves forward, except after the one refresh of a pass; what
/// comes into its way again has been used (bounded by the number of objects) or has failed
/// (remembered, and bounded by a batch).
class Culler::Pass final {
public:
    /// Borrows `demand`.
    Pass(Culler& culler, const Demand& demand, std::span<const index::VolumeId> pinned,
         bool pinned_too, Seconds min_age);

    /// One step: first the volumes, then a batch at a time. Nothing: there is more to do.
    [[nodiscard]] std::optional<PassResult> step(const std::function<bool()>& go_on);
    [[nodiscard]] const PassReport& report() const { return report_; }

private:
    [[nodiscard]] std::optional<PassResult> begin(const std::function<bool()>& go_on);
    [[nodiscard]] std::optional<PassResult> next_batch();
    [[nodiscard]] bool met() const;
    [[nodiscard]] bool excluded(index::VolumeId volume) const;
    [[nodiscard]] index::OldestQuery query(std::size_t limit) const;

    // Whole volumes; a result when the pass ends here.
    [[nodiscard]] std::optional<PassResult> evict_volumes(const std::function<bool()>& go_on);
    [[nodiscard]] std::vector<index::Volume> dead_volumes();
    [[nodiscard]] std::optional<PassResult> evict_volume(const index::Volume& volume);
    [[nodiscard]] std::uint64_t expected_objects() const;

    // Batches.
    void select();
    [[nodiscard]] std::size_t page_size() const;
    [[nodiscard]] std::optional<PassResult> evict_batch();
    [[nodiscard]] std::optional<PassResult> take_outcomes();
    void write_outcomes();
    [[nodiscard]] bool refresh();

    void culled(std::uint64_t objects, std::uint64_t bytes);
    void was_gone(std::uint64_t objects, std::uint64_t bytes);
    void publish();

    Culler& culler_;
    index::Index& index_;
    const Demand& demand_;
    std::vector<index::VolumeId> except_;
    bool pinned_too_;
    std::optional<Seconds> used_before_; // of the demand and of min_age, the earlier
    index::Totals totals_;               // at the start

    std::uint64_t bytes_left_;
    std::uint64_t objects_left_;
    index::RecencyCursor cursor_;
    bool begun_ = false;
    bool refreshed_ = false;
    std::uint64_t tried_ = 0; // since the start: what busy_share is a share of
    std::uint64_t used_ = 0;
    std::unordered_set<std::int64_t> failed_ids_;
    CullCounters unpublished_;
    PassReport report_;

    // One batch; kept from batch to batch for their memory.
    std::vector<index::Object> victims_;
    std::vector<Outcome> outcomes_;
    std::size_t not_there_ = 0; // of the victims: moved to the front, to be forgotten
    std::vector<index::ObjectId> busy_, failed_;
};

} // namespace cachefiles::cull
