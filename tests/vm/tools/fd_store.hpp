// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/vm/tools/notify_socket.hpp"

#include <string>
#include <utility>
#include <vector>

namespace cachefiles::vm {

/// The descriptors that a service manager keeps for its service: FDSTORE=1, FDSTOREREMOVE=1. As
/// systemd does, it keeps several of one name, and removes all of that name.
class FdStore final {
public:
    /// Does what the message says about the store. Returns what it did, or nothing.
    std::string apply(Message& message);
    void clear() { kept_.clear(); }

    [[nodiscard]] const std::vector<std::pair<std::string, Fd>>& kept() const { return kept_; }
    /// "NAME:NAME...", for LISTEN_FDNAMES.
    [[nodiscard]] std::string names() const;

private:
    std::vector<std::pair<std::string, Fd>> kept_;
};

} // namespace cachefiles::vm
