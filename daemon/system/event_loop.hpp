// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

struct sd_event;
struct sd_event_source;

namespace cachefiles::daemon {

/// The main thread's loop (sd-event). Nothing that it calls may block.
/// Errors of setting up: SystemError. An exception out of a callback ends run() and is thrown
/// there.
class EventLoop final {
public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Blocks the signals for the whole process: call before the first thread is made.
    void on_signals(std::initializer_list<int> signals, const std::function<void(int)>& callback);
    void every(std::chrono::microseconds interval, std::function<void()> callback);
    /// Runs `callback` on the loop's thread, soon. The only member for other threads.
    void post(std::function<void()> callback);

    /// For what brings sources of its own; no exception may leave their callbacks.
    [[nodiscard]] sd_event* handle() { return event_; }

    /// Until stop().
    void run();
    void stop();

private:
    struct Callback;
    struct Posted;

    sd_event* event_ = nullptr;
    std::vector<std::unique_ptr<Callback>> callbacks_; ///< stable addresses for C
    std::unique_ptr<Posted> posted_;
    std::exception_ptr failure_;
};

} // namespace cachefiles::daemon
