// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::daemon {

/// A comparison of the tree with the index that somebody has asked for, and what it finds. Any
/// thread.
class Comparison final {
public:
    /// Enough to see what is wrong.
    static constexpr std::size_t most_lines = 100;

    /// `ended` is called once, in the thread that compares.
    explicit Comparison(std::function<void()> ended) : ended_(std::move(ended)) {}

    // --- whoever asked ---
    void cancel() { canceled_ = true; }
    [[nodiscard]] bool over() const { return over_; }
    /// After over(): false if it was canceled, or the thread ended.
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] std::uint64_t directories() const { return directories_; }
    [[nodiscard]] std::uint64_t compared() const { return compared_; }
    /// A line for each difference that was found and repaired, and one for all beyond most_lines.
    [[nodiscard]] std::vector<std::string> findings() const;

    // --- who compares ---
    [[nodiscard]] bool canceled() const { return canceled_; }
    /// What changed later than this is no difference: the index may hear of it only now.
    void begin(Seconds now, std::uint64_t directories) {
        began_ = now;
        directories_ = directories;
    }
    [[nodiscard]] Seconds began() const { return began_; }
    void step() { ++compared_; }
    void add(std::string line);
    void other_size(std::uint64_t objects) { other_size_ += objects; }
    void end(bool complete) {
        complete_ = complete;
        over_ = true;
        ended_();
    }

private:
    const std::function<void()> ended_;
    std::atomic<bool> canceled_{false}, over_{false}, complete_{false};
    std::atomic<std::uint64_t> directories_{0}, compared_{0}, other_size_{0};
    std::atomic<Seconds> began_{0};
    mutable std::mutex mutex_; ///< guards what follows
    std::vector<std::string> lines_;
    std::uint64_t more_ = 0;
};

} // namespace cachefiles::daemon
