// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/faults.hpp"

#ifdef CACHEFILESD_FAULTS

#include <mutex>
#include <random>

namespace cachefiles::cache::store::faults {
namespace {

struct Plan {
    unsigned classes = 0;
    int error = 0;
    unsigned calls_to_go = 0; // 0: at random
    double probability = 0;
    std::minstd_rand random;
    unsigned failures = 0;
};

std::mutex mutex;
Plan plan; // guarded by mutex

} // namespace

void fail_nth(unsigned classes, int error, unsigned nth) {
    const std::lock_guard lock(mutex);
    plan = {.classes = classes, .error = error, .calls_to_go = nth, .random = {}};
}

void fail_at_random(unsigned classes, int error, double probability, unsigned seed) {
    const std::lock_guard lock(mutex);
    plan = {.classes = classes,
            .error = error,
            .probability = probability,
            .random = std::minstd_rand(seed)};
}

unsigned clear() {
    const std::lock_guard lock(mutex);
    const unsigned failures = plan.failures;
    plan = {};
    return failures;
}

int injected(Class which) {
    const std::lock_guard lock(mutex);
    if ((plan.classes & which) == 0)
        return 0;
    if (plan.calls_to_go > 0) {
        if (--plan.calls_to_go > 0)
            return 0;
        plan.classes = 0;
    } else if (!std::bernoulli_distribution(plan.probability)(plan.random)) {
        return 0;
    }
    ++plan.failures;
    return plan.error;
}

} // namespace cachefiles::cache::store::faults

#endif
