// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/removals.hpp"

#include <chrono>
#include <utility>

namespace cachefiles::daemon {
namespace {

// The binding is looked at, and room made where it is wanted, at least so often.
constexpr std::chrono::milliseconds slice{100};

} // namespace

void Removals::submit(std::shared_ptr<RemovalOrder> order) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) {
            orders_.push_back(std::move(order));
            return;
        }
    }
    order->end(RemovalOrder::State::canceled);
}

std::shared_ptr<RemovalOrder> Removals::front() {
    const std::lock_guard lock(mutex_);
    return orders_.empty() ? nullptr : orders_.front();
}

Removals::Served Removals::serve(const std::function<bool()>& go_on) {
    drop_canceled();
    const std::shared_ptr<RemovalOrder> order = front();
    if (!order)
        return Served::nothing;
    if (!room_.knows_tree()) // nothing can be said to be the oldest, or to be all
        return Served::nothing;
    if (!removal_) {
        removal_ = room_.begin_removal(order->what());
        dry_run_ = order->what().dry_run;
    }
    return work(*order, [&order, &go_on] { return go_on() && !order->canceled(); });
}

Removals::Served Removals::work(RemovalOrder& order, const std::function<bool()>& go_on) {
    const std::chrono::nanoseconds begin = clock_.monotonic();
    std::optional<cull::PassResult> result;
    while (!result && clock_.monotonic() - begin < slice) {
        result = room_.step_removal(*removal_, go_on);
        order.note(removal_->progress());
    }
    return result ? finish(*result) : Served::more;
}

Removals::Served Removals::finish(cull::PassResult result) {
    switch (result) {
    case cull::PassResult::satisfied:
    case cull::PassResult::stalled:
        end(RemovalOrder::State::done, {});
        return Served::more;
    case cull::PassResult::stopped:
        end(RemovalOrder::State::canceled, {});
        return Served::more;
    case cull::PassResult::lost:
        break;
    }
    end(RemovalOrder::State::failed, "the cache was lost");
    return Served::lost;
}

void Removals::end(RemovalOrder::State state, const std::string& message) {
    removal_.reset();
    std::shared_ptr<RemovalOrder> order;
    {
        const std::lock_guard lock(mutex_);
        order = std::move(orders_.front());
        orders_.pop_front();
    }
    order->end(state, message);
}

void Removals::drop_canceled() {
    for (auto order = front(); order && order->canceled(); order = front())
        end(RemovalOrder::State::canceled, {});
}

void Removals::fail(const std::string& why) {
    while (front())
        end(RemovalOrder::State::failed, why);
}

void Removals::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    while (front())
        end(RemovalOrder::State::canceled, {});
}

} // namespace cachefiles::daemon
