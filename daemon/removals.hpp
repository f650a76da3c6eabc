// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "daemon/make_room.hpp"
#include "daemon/removal_order.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace cachefiles::daemon {

/// The requests that the culling thread works off, one after another, a slice of time each turn.
/// Belongs to that thread, but for submit().
class Removals final {
public:
    enum class Served {
        nothing, ///< there is none, or it has to wait until the index knows the cache
        more,    ///< there is more to do at once
        lost,    ///< the cache is out of order
    };

    Removals(MakeRoom& room, const Clock& clock) : room_(room), clock_(clock) {}

    /// From any thread. After close() it ends as canceled.
    void submit(std::shared_ptr<RemovalOrder> order);

    /// Works for some 100 ms.
    [[nodiscard]] Served serve(const std::function<bool()>& go_on);
    /// Between serve() and serve(): objects go, or will with the next one.
    [[nodiscard]] bool removing() const { return removal_ && !dry_run_; }
    /// For a turn in which nothing can be removed.
    void drop_canceled();
    /// The cache is not online: what there is fails.
    void fail(const std::string& why);
    /// There will be no more turns.
    void close();

private:
    [[nodiscard]] std::shared_ptr<RemovalOrder> front();
    void end(RemovalOrder::State state, const std::string& message);
    [[nodiscard]] Served work(RemovalOrder& order, const std::function<bool()>& go_on);
    [[nodiscard]] Served finish(cull::PassResult result);

    MakeRoom& room_;
    const Clock& clock_;
    std::unique_ptr<cull::Removal> removal_; ///< of the first one, once it has begun
    bool dry_run_ = false;                   ///< that one

    std::mutex mutex_; ///< guards what follows
    std::deque<std::shared_ptr<RemovalOrder>> orders_;
    bool closed_ = false;
};

} // namespace cachefiles::daemon
