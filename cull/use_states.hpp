// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "cull/evictor.hpp"
#include "index/index.hpp"

#include <chrono>
#include <vector>

namespace cachefiles::cull {

/// Brings what the index believes to be in use in line with what the evictor says is.
///
/// Asking costs time in proportion to everything in use, so it is rationed: at most a quarter of a
/// per cent of the time goes into it, however many objects are pinned and however often culling is
/// tried. Belongs to the culler's thread.
class UseStates final {
public:
    UseStates(index::Index& index, Evictor& evictor, const Clock& clock);

    /// Sets the states. False if it may not be asked again yet, or cannot be told.
    bool refresh();
    /// The same at any time. What it costs counts towards the ration.
    bool refresh_now();

    /// An object that was let go in the moment between the evictor's "busy" and the index's taking
    /// note of it stays in_use by mistake. An hourly refresh bounds that.
    [[nodiscard]] bool overdue() const;

private:
    void apply(std::vector<index::ObjectId> in_use);

    index::Index& index_;
    Evictor& evictor_;
    const Clock& clock_;
    std::chrono::nanoseconds last_;
    std::chrono::nanoseconds not_before_;
};

} // namespace cachefiles::cull
