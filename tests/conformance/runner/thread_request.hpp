// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/conformance/runner/target.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace cachefiles::conformance {

/// A request in a thread of its own.
class ThreadRequest final : public Pending {
public:
    explicit ThreadRequest(std::function<Reply()> request);

    /// The kernel says whether a thread sleeps; one that does so each time it is looked at waits.
    [[nodiscard]] bool ended() override;
    [[nodiscard]] Reply reply() override;

private:
    [[nodiscard]] bool sleeps() const;

    std::atomic<int> thread_id_ = 0;
    std::promise<Reply> promise_;
    std::future<Reply> reply_;
    std::jthread thread_; // last: it uses what stands above
};

} // namespace cachefiles::conformance
