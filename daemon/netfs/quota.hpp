// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <utility>

namespace cachefiles::daemon::netfs {

/// So much of something may be had at a time: by a client, and above it by its user, and above that
/// by all. Any thread.
class Quota final {
public:
    /// A part of it, and of those above it, which is given back when this goes.
    class Share final {
    public:
        Share() = default;
        Share(Share&& other) noexcept
            : of_(std::move(other.of_)), amount_(std::exchange(other.amount_, 0)) {}
        Share& operator=(Share&& other) noexcept {
            std::swap(of_, other.of_);
            std::swap(amount_, other.amount_);
            return *this;
        }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { reset(); }

        [[nodiscard]] explicit operator bool() const { return of_ != nullptr; }
        void reset();

    private:
        friend class Quota;
        Share(std::shared_ptr<Quota> of, std::uint64_t amount)
            : of_(std::move(of)), amount_(amount) {}

        std::shared_ptr<Quota> of_;
        std::uint64_t amount_ = 0;
    };

    explicit Quota(std::uint64_t limit, std::shared_ptr<Quota> above = nullptr)
        : limit_(limit), above_(std::move(above)) {}

    /// Errors: EMFILE, it is the limit of this one; ENFILE, of one above.
    [[nodiscard]] static std::expected<Share, int> take(const std::shared_ptr<Quota>& from,
                                                        std::uint64_t amount = 1);
    [[nodiscard]] std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] bool add(std::uint64_t amount);
    void give_back(std::uint64_t amount);

    const std::uint64_t limit_;
    const std::shared_ptr<Quota> above_;
    std::atomic<std::uint64_t> used_{0};
};

} // namespace cachefiles::daemon::netfs
