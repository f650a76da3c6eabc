// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/histogram.hpp"
#include "index/index.hpp"
#include "index/keeper.hpp"
#include "index/touch_buffer.hpp"

#include <mutex>
#include <type_traits>

namespace cachefiles::index {

/// What Index consists of, and how each of its members comes to a Store.
struct Index::Impl {
    Impl(const IndexOptions& options_, const Clock& clock_, Log& log)
        : options(options_), clock(clock_), keeper(options_, clock_, log) {}

    const IndexOptions options;
    const Clock& clock;
    std::mutex mutex; // the keeper's, and of everything in its store
    Keeper keeper;
    TouchBuffer touches; // has its own
    Histogram commit_times;
    std::mutex long_work; // taken before `mutex`: removing a volume and verifying, one by one

    /// Runs `work` with a store and alone. If that fails the keeper sees to it that there is one
    /// that works, and `work` runs again; whatever it changed outside the store is its own affair.
    template<class Work>
    auto with(const Work& work) -> std::invoke_result_t<Work, Store&> {
        using Result = std::invoke_result_t<Work, Store&>;
        const std::lock_guard lock(mutex);
        for (int attempt = 0;; ++attempt) {
            try {
                return work(keeper.store());
            } catch (const sqlite::SqliteError& error) {
                keeper.recover(error);
                if (attempt == 1) // it fails on a new database, too: nothing more can be done
                    return Result();
            }
        }
    }

    /// Writes the touches that wait. Called under `mutex`.
    void flush(Store& store);
    /// As flush(), if they have been waiting for long enough.
    void flush_if_due(Store& store);
    /// Adds the touch that waits for it. Called under `mutex`: a flush would otherwise take the
    /// touch away after the row was read.
    void overlay(Object& object) const;
    void overlay(Volume& volume) const;
    void forget(Store& store, ObjectId id);
};

} // namespace cachefiles::index
