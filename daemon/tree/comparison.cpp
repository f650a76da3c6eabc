// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/comparison.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {

void Comparison::add(std::string line) {
    const std::lock_guard lock(mutex_);
    if (lines_.size() < most_lines)
        lines_.push_back(std::move(line));
    else
        ++more_;
}

std::vector<std::string> Comparison::findings() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines = lines_;
    if (more_ > 0)
        lines.push_back(fmt::format("and {} more differences", more_));
    if (other_size_ > 0)
        lines.push_back(fmt::format("{} objects had another size", other_size_.load()));
    return lines;
}

} // namespace cachefiles::daemon
