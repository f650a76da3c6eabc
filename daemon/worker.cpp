// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace cachefiles::daemon {

void Worker::start(Work work) {
    work_ = std::move(work);
    thread_ = std::thread([this] { run(); });
}

void Worker::ask_to_stop() {
    stopping_ = true;
    wake_.wake();
}

bool Worker::stop() {
    if (!thread_.joinable())
        return false;
    ask_to_stop();
    thread_.join();
    return true;
}

bool Worker::go_on() {
    progress_.step();
    return !stopping_;
}

Wake::Woken Worker::wait(int descriptor, std::optional<std::chrono::nanoseconds> at_most) {
    const Progress::Waiting waiting(progress_);
    return wake_.wait(descriptor, at_most);
}

void Worker::run() {
    if (work_.begin)
        work_.begin();
    while (!stopping_) {
        attempt(work_.turn);
        progress_.step();
        work_.wait();
    }
    if (work_.end)
        attempt(work_.end);
}

void Worker::attempt(const std::function<void()>& work) {
    try {
        work();
        trouble_ = false;
    } catch (const std::exception& error) {
        if (!std::exchange(trouble_, true))
            log_.error(fmt::format("{}: {}", activity_, error.what()));
    }
}

} // namespace cachefiles::daemon
