// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/culler.hpp"
#include "cull/dry_run.hpp"
#include "cull/removal_request.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace cachefiles::cull {

/// Removes what was asked for, in steps of some 100 ms, between which other work has its turn.
///
/// First everything in use is asked for, so that the index knows it. Then the order is walked,
/// which says what is to go. Then, if it is no dry run, it goes, as with every other pass of the
/// culler. So a dry run says what a real one would remove, but for what happens in between, and
/// what the evictor alone knows. Belongs to the culler's thread.
class Removal final {
public:
    struct Progress {
        std::uint64_t objects = 0, bytes = 0; ///< removed; of a dry run: would be
        std::uint64_t busy = 0;               ///< left because they are in use
        unsigned permyriad = 0;
    };
    struct Buried {
        std::uint64_t objects = 0, bytes = 0;
    };

    Removal(Culler& culler, index::Index& index, const Clock& clock, RemovalRequest request);

    /// Nothing: there is more to do. `stalled`: no more could go.
    [[nodiscard]] std::optional<PassResult> step(const std::function<bool()>& go_on);
    [[nodiscard]] Progress progress() const;
    /// Will the steps to come remove more than that many objects?
    [[nodiscard]] bool removes(std::uint64_t objects) const;
    /// Put into the graveyard since the last call.
    [[nodiscard]] Buried take_buried();

private:
    enum class Stage { ask, walk, old, amounts, ended };

    [[nodiscard]] std::optional<PassResult> step_walk();
    [[nodiscard]] std::optional<PassResult> step_run(const std::function<bool()>& go_on);
    void begin_run();
    [[nodiscard]] std::uint64_t expected() const { return walk_ ? walk_->objects() : 0; }
    [[nodiscard]] Demand demand() const;
    [[nodiscard]] bool concerns(const index::Volume& volume) const;
    [[nodiscard]] Seconds after_the_newest() const;
    void count_in_use();

    Culler& culler_;
    index::Index& index_;
    const Clock& clock_;
    RemovalRequest request_;
    Stage stage_ = Stage::ask;
    std::optional<DryRun> walk_;
    std::unique_ptr<Culler::Run> run_;
    PassReport done_; ///< of the runs that ended
    std::uint64_t total_ = 0, in_use_ = 0;
    Buried taken_;
};

} // namespace cachefiles::cull
