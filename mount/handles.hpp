// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace cachefiles::mount {

/// What the kernel has open, by the number that it was told. Whoever works with it keeps it: a
/// request that was answered for, because the source took too long, may come to its end when the
/// file has been closed. Any thread.
template<typename Opened>
class Handles final {
public:
    using Pointer = std::shared_ptr<Opened>;

    [[nodiscard]] std::uint64_t add(Pointer opened) {
        const std::lock_guard lock(mutex_);
        open_.emplace(++last_, std::move(opened));
        return last_;
    }
    /// NULL: it has been closed.
    [[nodiscard]] Pointer find(std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find(number);
        return found == open_.end() ? nullptr : found->second;
    }
    /// The last who has it lets go of it.
    void remove(std::uint64_t number) {
        Pointer last; // without the lock: the source may be waited for
        const std::lock_guard lock(mutex_);
        if (const auto found = open_.find(number); found != open_.end()) {
            last = std::move(found->second);
            open_.erase(found);
        }
    }

private:
    std::mutex mutex_;
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, Pointer> open_;
};

} // namespace cachefiles::mount
