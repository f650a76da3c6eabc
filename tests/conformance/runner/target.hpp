// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/cookie_list.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::conformance {

using Words = std::vector<std::string>;

/// What the transcript says of an answer: "ok", "ENOBUFS", "4096: aa*4096". Of an acquisition:
/// "id N", where N is what the lists show, or "null".
using Reply = std::string;

/// Keys as in /proc/fs/fscache/stats: "Acquire.n".
using Stats = std::map<std::string, std::uint64_t>;

/// A request that may wait for another one.
class Pending {
public:
    virtual ~Pending() = default;
    /// Until it has ended, or is known to wait.
    [[nodiscard]] virtual bool ended() = 0;
    /// Waits for its end. Once.
    [[nodiscard]] virtual Reply reply() = 0;
};

/// Who is under test: the driver, or our user backend.
///
/// A request is either one for the device, "device open|close|write TEXT|read SIZE|poll", or one
/// of the kernel module's commands (module/conformance.h), to which both targets answer alike:
/// volumes, cookies and operations have the caller's numbers. One thread.
class Target {
public:
    virtual ~Target() = default;

    [[nodiscard]] virtual Reply execute(const Words& request) = 0;
    [[nodiscard]] virtual std::unique_ptr<Pending> start(const Words& request) = 0;
    /// Until nothing is under way any more.
    virtual void settle() = 0;
    /// Until no cookie is idle: they have been closed.
    virtual void wait_for_lru() = 0;

    [[nodiscard]] virtual std::vector<protocol::CacheEntry> caches() = 0;
    [[nodiscard]] virtual std::vector<protocol::VolumeEntry> volumes() = 0;
    [[nodiscard]] virtual std::vector<protocol::CookieEntry> cookies() = 0;
    [[nodiscard]] virtual Stats stats() = 0;
};

} // namespace cachefiles::conformance
