// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace cachefiles::slow_source {

/// A thread for what comes from outside while the mount is served: lines on a stream socket, each
/// answered by one line once it is in effect, and SIGTERM or SIGINT. The constructor's thread, and
/// those that it makes later, do not get these signals any more.
class Control final {
public:
    using Command = std::function<std::string(std::string_view)>;
    using Stop = std::function<void()>;

    /// `socket`: its path, empty for none. Both functions are called in the thread; `stop`
    /// again and again, until this object goes: what it wakes may not have been asleep yet.
    Control(const std::filesystem::path& socket, Command command, Stop stop);
    ~Control();
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

private:
    void listen(const std::filesystem::path& socket);
    void run();
    void serve(int client) const;

    Command command_;
    Stop stop_;
    std::filesystem::path path_;
    Fd signals_, socket_, end_;
    std::thread thread_;
};

} // namespace cachefiles::slow_source
