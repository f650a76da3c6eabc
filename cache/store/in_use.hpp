// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cachefiles::cache::store {

/// What is in use, by its path below cache/: the driver's in-use mark (on-disk-format.md section
/// 7.1), which this process keeps for itself. Who wants to remove an object claims it first, so
/// that nobody takes it up meanwhile: a claim to use it waits until it is gone. An object whose new
/// file has no name yet keeps others from using it, and not from removing the old one. Any thread.
class InUse final {
public:
    /// One mark, taken off with it. Must not outlive the InUse.
    class Claim final {
    public:
        Claim() = default;
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;
        Claim(Claim&& other) noexcept
            : in_use_(std::exchange(other.in_use_, nullptr)), path_(std::move(other.path_)),
              removes_(other.removes_) {}
        Claim& operator=(Claim&& other) noexcept {
            if (this != &other) {
                release();
                in_use_ = std::exchange(other.in_use_, nullptr);
                path_ = std::move(other.path_);
                removes_ = other.removes_;
            }
            return *this;
        }
        ~Claim() { release(); }

        void release() noexcept;
        /// What lies under the path, if anything, is not what is in use: it may be removed.
        void leave_name();
        /// It will be from now on. Waits while what is there is being removed.
        void take_name();

    private:
        friend InUse;
        Claim(InUse& in_use, std::string path, bool removes)
            : in_use_(&in_use), path_(std::move(path)), removes_(removes) {}

        InUse* in_use_ = nullptr;
        std::string path_;
        bool removes_ = false; ///< as against uses
    };

    /// To use it. Nothing if it is in use already; waits while it is being removed.
    [[nodiscard]] std::optional<Claim> claim(std::string path);
    /// To remove it, at once. Nothing if it is in use, or being removed.
    [[nodiscard]] std::optional<Claim> claim_to_remove(std::string path);
    /// Whether claim_to_remove() would give nothing.
    [[nodiscard]] bool busy(const std::string& path) const;
    /// Whether anybody has a claim.
    [[nodiscard]] bool contains(const std::string& path) const;
    [[nodiscard]] std::size_t count() const;
    /// All that are busy, at this moment.
    [[nodiscard]] std::vector<std::string> paths() const;
    /// How many objects are busy in each volume, by the name of its directory, at this moment.
    [[nodiscard]] std::map<std::string, std::uint64_t> counts() const;

private:
    struct Mark {
        bool used = false;
        bool nameless = false; ///< used, and not what lies under the path
        bool going = false;    ///< being removed

        [[nodiscard]] bool busy() const { return going || (used && !nameless); }
    };

    mutable std::mutex mutex_; ///< guards what follows
    std::unordered_map<std::string, Mark> marks_;
    std::condition_variable gone_;
};

} // namespace cachefiles::cache::store
