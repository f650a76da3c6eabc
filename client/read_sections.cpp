// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/read_sections.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::client {

bool ReadSections::idle(std::size_t phase) const {
    // In one total order with the readers' count and their load of the pointer: a reader that is
    // not seen here sees that the pointer has gone.
    return std::ranges::all_of(stripes_, [phase](const Stripe& stripe) {
        return stripe.readers[phase].load(std::memory_order_seq_cst) == 0;
    });
}

void ReadSections::admit() {
    const std::size_t needed = retired_.size() + admitted_ + 1;
    if (needed > retired_.capacity())
        retired_.reserve(2 * needed);
    ++admitted_;
}

void ReadSections::retire(std::shared_ptr<const OpenFile> file) noexcept {
    --admitted_;
    retired_.push_back({std::move(file), {}});
}

std::vector<std::shared_ptr<const OpenFile>> ReadSections::collect() {
    std::vector<std::shared_ptr<const OpenFile>> free;
    if (retired_.empty())
        return free;
    const std::array<bool, 2> idle_now{idle(0), idle(1)};
    for (Retired& retired : retired_) {
        for (std::size_t phase : {0U, 1U})
            retired.seen_idle[phase] = retired.seen_idle[phase] || idle_now[phase];
        if (retired.seen_idle[0] && retired.seen_idle[1])
            free.push_back(std::move(retired.file));
    }
    std::erase_if(retired_, [](const Retired& retired) { return retired.file == nullptr; });
    const std::size_t phase = phase_.load(std::memory_order_relaxed);
    if (!retired_.empty() && idle_now[1 - phase])
        phase_.store(1 - phase, std::memory_order_relaxed);
    return free;
}

} // namespace cachefiles::client
