// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cachefiles::vm {

/// What a service said in one sd_notify(3) call.
struct Message {
    std::vector<std::string> lines;
    std::vector<Fd> fds;

    /// The value of "KEY=value"; empty if it does not say it.
    [[nodiscard]] std::string value(const std::string& key) const;
};

/// The service manager's end of NOTIFY_SOCKET.
class NotifySocket final {
public:
    /// A socket at that path in the file system. Errors: SystemError.
    explicit NotifySocket(const std::string& path);

    [[nodiscard]] int descriptor() const { return fd_.get(); }
    /// Never waits; nothing if nothing is there.
    [[nodiscard]] std::optional<Message> receive();

private:
    Fd fd_;
};

} // namespace cachefiles::vm
