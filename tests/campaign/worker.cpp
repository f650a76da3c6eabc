// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/worker.hpp"

#include <algorithm>

namespace cachefiles::campaign {

void Worker::step() {
    CachedFile& file = any_file();
    const std::uint64_t drawn = random_.below(100);
    if (drawn < 30)
        read_through(file);
    else if (drawn < 60)
        read_by_plan(file);
    else if (drawn < 68)
        fill_by_grant(file);
    else if (drawn < 84)
        advance(file);
    else if (drawn < 87)
        acquire_anew(file);
    else if (drawn < 93)
        hold(file);
    else
        let_go(file);
}

CachedFile& Worker::any_file() {
    // Half of the time one of a few, so that threads meet.
    const std::uint64_t count = work_.files.size();
    return work_
        .files[random_.below(random_.one_in(2) ? std::min<std::uint64_t>(count, 12) : count)];
}

Worker::Range Worker::any_range(const CachedFile& file) {
    const std::uint64_t size = file.source.size(file.version);
    if (random_.one_in(3))
        return {.start = 0, .end = size};
    const std::uint64_t start = random_.below(size);
    return {.start = start,
            .end = start + 1 + random_.below(std::min<std::uint64_t>(size, 1 << 20))};
}

} // namespace cachefiles::campaign
