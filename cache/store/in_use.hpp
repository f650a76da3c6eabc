// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cachefiles::cache::store {

/// What is in use, by its path below cache/: the driver's in-use mark (on-disk-format.md section
/// 7.1), which this process keeps for itself. Who wants to remove an object claims it first, so
/// that nobody takes it up meanwhile: a claim to use it waits until it is gone. Any thread.
class InUse final {
public:
    /// One mark, taken off with it. Must not outlive the InUse.
    class Claim final {
    public:
        Claim() = default;
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;
        Claim(Claim&& other) noexcept
            : in_use_(std::exchange(other.in_use_, nullptr)), path_(std::move(other.path_)) {}
        Claim& operator=(Claim&& other) noexcept {
            if (this != &other) {
                release();
                in_use_ = std::exchange(other.in_use_, nullptr);
                path_ = std::move(other.path_);
            }
            return *this;
        }
        ~Claim() { release(); }

        void release() noexcept;

    private:
        friend InUse;
        Claim(InUse& in_use, std::string path) : in_use_(&in_use), path_(std::move(path)) {}

        InUse* in_use_ = nullptr;
        std::string path_;
    };

    /// To use it. Nothing if it is in use already; waits while it is being removed.
    [[nodiscard]] std::optional<Claim> claim(std::string path);
    /// To remove it, at once. Nothing if it is in use, or being removed.
    [[nodiscard]] std::optional<Claim> claim_to_remove(std::string path);
    [[nodiscard]] bool contains(const std::string& path) const;
    [[nodiscard]] std::size_t count() const;
    /// All of them, at this moment.
    [[nodiscard]] std::vector<std::string> paths() const;

private:
    mutable std::mutex mutex_; ///< guards what follows
    std::unordered_set<std::string> paths_;
    std::unordered_set<std::string> going_; ///< of them: claimed to be removed
    std::condition_variable gone_;
};

} // namespace cachefiles::cache::store
