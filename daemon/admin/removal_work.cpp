// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/removal_work.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

constexpr std::chrono::milliseconds progress_interval{250};

JobState state_of(RemovalOrder::State state) {
    switch (state) {
    case RemovalOrder::State::waiting:
    case RemovalOrder::State::running:
        return JobState::running;
    case RemovalOrder::State::done:
        return JobState::done;
    case RemovalOrder::State::canceled:
        return JobState::canceled;
    case RemovalOrder::State::failed:
        break;
    }
    return JobState::failed;
}

JobEnd remove(CullThread& thread, const RemovalOrder::What& what, JobControl& control) {
    const auto order = std::make_shared<RemovalOrder>(
        what, [&control] { control.wake(); }, [&control] { return control.go_on(); });
    thread.submit(order);
    while (true) { // the thread ends every order, at the latest with itself
        if (!control.go_on())
            thread.nudge(); // it asks the same, and need not wait for its turn
        RemovalOrder::Status status = order->status();
        control.note({status.progress.permyriad, status.progress.objects, status.progress.bytes,
                      status.progress.busy});
        const JobState state = state_of(status.state);
        if (state != JobState::running)
            return {state, std::move(status.message)};
        control.wait(progress_interval);
    }
}

} // namespace

JobWork removal_work(CullThread& thread, RemovalOrder::What what) {
    return [&thread, what](JobControl& control) {
        return remove(thread, what, control);
    };
}

} // namespace cachefiles::daemon::admin
