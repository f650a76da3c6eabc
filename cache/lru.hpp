// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>

namespace cachefiles::cache {

struct Cookie;

/// The cookies whose last user has gone, longest ago first; one list for all caches
/// (fscache-model.md section 3). A use does not take a cookie off. Under the model's lock.
class Lru final {
public:
    /// The driver's: reopening a file soon after is common.
    static constexpr std::chrono::nanoseconds default_timeout = std::chrono::seconds(10);

    explicit Lru(std::chrono::nanoseconds timeout) : timeout_(timeout) {}

    /// At the end, whether it was in the list or not.
    void append(Cookie& cookie, std::chrono::nanoseconds now);
    /// False: it was not in the list.
    bool remove(Cookie& cookie);
    /// The first, if its time is over; it is taken off.
    [[nodiscard]] Cookie* pop_expired(std::chrono::nanoseconds now);

    /// When the first one's time is over; nothing if the list is empty.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> due() const;
    [[nodiscard]] std::size_t size() const { return list_.size(); }

private:
    const std::chrono::nanoseconds timeout_;
    std::list<Cookie*> list_;
};

} // namespace cachefiles::cache
