// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/test_hooks.hpp"

#include <functional>
#include <mutex>
#include <random>

namespace cachefiles::tests {

/// Error injection for the index, by count and by probability, as cache/store/faults.hpp has it for
/// the store: each write and sync of a database file is a place where it can fail. Any thread; must
/// outlive the index.
class IndexFaults final {
public:
    /// For TestHooks::fault.
    [[nodiscard]] std::function<int()> hook() {
        return [this] {
            return injected();
        };
    }
    /// The `nth` write or sync (1: the next one) meets this result of SQLite; those after it do
    /// not.
    void fail_nth(int result, unsigned nth) {
        const std::lock_guard lock(mutex_);
        plan_ = {.result = result, .calls_to_go = nth, .random = {}};
    }
    /// Each one, with this probability (0 to 1); the same seed, the same calls.
    void fail_at_random(int result, double probability, unsigned seed) {
        const std::lock_guard lock(mutex_);
        plan_ = {.result = result, .probability = probability, .random = std::minstd_rand(seed)};
    }
    /// No more failures. Returns how many there were since something was set.
    unsigned clear() {
        const std::lock_guard lock(mutex_);
        const unsigned failures = plan_.failures;
        plan_ = {};
        return failures;
    }

private:
    struct Plan {
        int result = 0;           ///< 0: nothing fails
        unsigned calls_to_go = 0; ///< 0: at random
        double probability = 0;
        std::minstd_rand random;
        unsigned failures = 0;
    };

    int injected() {
        const std::lock_guard lock(mutex_);
        if (plan_.result == 0)
            return 0;
        const int result = plan_.result;
        if (plan_.calls_to_go > 0) {
            if (--plan_.calls_to_go > 0)
                return 0;
            plan_.result = 0;
        } else if (!std::bernoulli_distribution(plan_.probability)(plan_.random)) {
            return 0;
        }
        ++plan_.failures;
        return result;
    }

    std::mutex mutex_;
    Plan plan_; // guarded by mutex_
};

} // namespace cachefiles::tests
