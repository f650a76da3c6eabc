// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/event_loop.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <systemd/sd-event.h>

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <exception>
#include <mutex>
#include <utility>

namespace cachefiles::daemon {
namespace {

void check(int result, const char* what) {
    if (result < 0)
        throw SystemError(what, -result);
}

} // namespace

struct EventLoop::Callback {
    EventLoop* loop = nullptr;
    std::chrono::microseconds interval{0};
    std::function<void(int)> call;
    sd_event_source* source = nullptr;

    Callback() = default;
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;
    ~Callback() { sd_event_source_unref(source); }

    /// No exception may pass through C: it waits for run() to throw it.
    int invoke(int argument) noexcept {
        try {
            call(argument);
        } catch (...) {
            loop->failure_ = std::current_exception();
            loop->stop();
        }
        return 0;
    }
};

struct EventLoop::Posted {
    Fd wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::vector<std::function<void()>> waiting;

    void run_all() {
        eventfd_t ignored = 0;
        eventfd_read(wake.get(), &ignored);
        std::vector<std::function<void()>> now;
        {
            const std::lock_guard lock(mutex);
            now.swap(waiting);
        }
        for (const std::function<void()>& callback : now)
            callback();
    }
};

EventLoop::EventLoop() : posted_(std::make_unique<Posted>()) {
    check(sd_event_new(&event_), "cannot make an event loop");
    if (!posted_->wake)
        throw SystemError("cannot make an eventfd");
    auto callback = std::make_unique<Callback>();
    callback->loop = this;
    callback->call = [this](int) {
        posted_->run_all();
    };
    const auto handler = [](sd_event_source*, int, std::uint32_t, void* data) {
        return static_cast<Callback*>(data)->invoke(0);
    };
    check(sd_event_add_io(event_, &callback->source, posted_->wake.get(), EPOLLIN, handler,
                          callback.get()),
          "cannot watch an eventfd");
    callbacks_.push_back(std::move(callback));
}

EventLoop::~EventLoop() {
    callbacks_.clear();
    sd_event_unref(event_);
}

void EventLoop::on_signals(std::initializer_list<int> signals,
                           const std::function<void(int)>& callback) {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : signals)
        sigaddset(&blocked, signal);
    sigprocmask(SIG_BLOCK, &blocked, nullptr);
    const auto handler = [](sd_event_source*, const signalfd_siginfo* info, void* data) {
        return static_cast<Callback*>(data)->invoke(static_cast<int>(info->ssi_signo));
    };
    for (const int signal : signals) {
        auto entry = std::make_unique<Callback>();
        entry->loop = this;
        entry->call = callback;
        check(sd_event_add_signal(event_, &entry->source, signal, handler, entry.get()),
              "cannot handle a signal");
        callbacks_.push_back(std::move(entry));
    }
}

void EventLoop::every(std::chrono::microseconds interval, std::function<void()> callback) {
    auto entry = std::make_unique<Callback>();
    entry->loop = this;
    entry->interval = interval;
    entry->call = [call = std::move(callback)](int) {
        call();
    };
    const auto handler = [](sd_event_source* source, std::uint64_t, void* data) {
        auto* self = static_cast<Callback*>(data);
        // Relative to now: after a suspended machine wakes up, one call is enough.
        sd_event_source_set_time_relative(source,
                                          static_cast<std::uint64_t>(self->interval.count()));
        sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return self->invoke(0);
    };
    check(sd_event_add_time_relative(event_, &entry->source, CLOCK_MONOTONIC,
                                     static_cast<std::uint64_t>(interval.count()), 0, handler,
                                     entry.get()),
          "cannot make a timer");
    callbacks_.push_back(std::move(entry));
}

void EventLoop::post(std::function<void()> callback) {
    {
        const std::lock_guard lock(posted_->mutex);
        posted_->waiting.push_back(std::move(callback));
    }
    eventfd_write(posted_->wake.get(), 1);
}

void EventLoop::run() {
    check(sd_event_loop(event_), "the event loop failed");
    if (failure_)
        std::rethrow_exception(std::exchange(failure_, nullptr));
}

void EventLoop::stop() {
    sd_event_exit(event_, 0);
}

} // namespace cachefiles::daemon
