// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace cachefiles::ctl {

/// What cannot be read in a tree: all of it counted, the first few in words. Thread: any.
class Complaints final {
public:
    void add(const std::string& path, int error);
    void add(const std::string& line);

    [[nodiscard]] std::uint64_t count() const;
    /// Lines for people that nobody has taken yet, without newlines.
    [[nodiscard]] std::vector<std::string> take();

private:
    mutable std::mutex mutex_;
    std::uint64_t count_ = 0;
    std::vector<std::string> lines_;
};

} // namespace cachefiles::ctl
