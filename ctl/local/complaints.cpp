// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/complaints.hpp"

#include "base/error.hpp"
#include "ctl/text/visible.hpp"

#include <fmt/format.h>

#include <utility>

namespace cachefiles::ctl {
namespace {

/// More of them tell nobody anything; a tree that is gone has millions.
constexpr std::uint64_t most_in_words = 10;

} // namespace

void Complaints::add(const std::string& path, int error) {
    add(fmt::format("{}: {}", visible(path), errno_text(error)));
}

void Complaints::add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (++count_ <= most_in_words)
        lines_.push_back(line);
}

std::uint64_t Complaints::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

std::vector<std::string> Complaints::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
}

} // namespace cachefiles::ctl
