// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "cull/removal.hpp"
#include "index/ids.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cachefiles::daemon {

/// An administrator's request to the culling thread, and what has come of it. Shared by the one
/// who gave it and that thread.
class RemovalOrder final {
public:
    struct What {
        std::uint64_t bytes = 0, objects = 0;   ///< at least so much
        std::optional<Seconds> older_than = {}; ///< all that was not used for so long
        bool everything =
            false; ///< that nobody uses, however young; pinned only if `only` names it
        index::VolumeId only = 0; ///< from this volume; 0: from any
        bool dry_run = false;
    };
    enum class State { waiting, running, done, canceled, failed };
    struct Status {
        State state = State::waiting;
        cull::Removal::Progress progress;
        std::string message; ///< of a failure
    };

    /// `ended` is called once, in the thread that ends it, and neither of the two after status()
    /// has told of the end. `go_on` is asked in the culling thread: false cancels. Neither is
    /// empty.
    RemovalOrder(What what, std::function<void()> ended, std::function<bool()> go_on)
        : what_(what), ended_(std::move(ended)), go_on_(std::move(go_on)) {}

    // --- from any thread ---
    [[nodiscard]] const What& what() const { return what_; }
    [[nodiscard]] Status status() const {
        const std::lock_guard lock(mutex_);
        return status_;
    }

    // --- from the culling thread, until end() ---
    [[nodiscard]] bool canceled() const { return !go_on_(); }
    void note(const cull::Removal::Progress& progress) {
        const std::lock_guard lock(mutex_);
        status_.state = State::running;
        status_.progress = progress;
    }
    void end(State state, std::string message = {}) {
        const std::lock_guard lock(mutex_);
        status_.state = state;
        status_.message = std::move(message);
        ended_(); // under the lock: who sees the end may do away with what it uses
    }

private:
    const What what_;
    const std::function<void()> ended_;
    const std::function<bool()> go_on_;
    mutable std::mutex mutex_; ///< guards what follows
    Status status_;
};

} // namespace cachefiles::daemon
