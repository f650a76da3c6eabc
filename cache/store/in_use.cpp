// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/in_use.hpp"

#include <string_view>

namespace cachefiles::cache::store {

std::optional<InUse::Claim> InUse::claim(std::string path) {
    std::unique_lock lock(mutex_);
    gone_.wait(lock, [&] {
        const auto found = marks_.find(path);
        return found == marks_.end() || !found->second.going;
    });
    Mark& mark = marks_[path];
    if (std::exchange(mark.used, true))
        return std::nullopt;
    return Claim(*this, std::move(path), false);
}

std::optional<InUse::Claim> InUse::claim_to_remove(std::string path) {
    const std::lock_guard lock(mutex_);
    Mark& mark = marks_[path];
    if (mark.busy())
        return std::nullopt;
    mark.going = true;
    return Claim(*this, std::move(path), true);
}

bool InUse::busy(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = marks_.find(path);
    return found != marks_.end() && found->second.busy();
}

bool InUse::contains(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return marks_.contains(path);
}

std::size_t InUse::count() const {
    const std::lock_guard lock(mutex_);
    return marks_.size();
}

std::vector<std::string> InUse::paths() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const auto& [path, mark] : marks_) {
        if (mark.busy())
            found.push_back(path);
    }
    return found;
}

std::map<std::string, std::uint64_t> InUse::counts() const {
    std::unordered_map<std::string_view, std::uint64_t> found; // few keys: no copies under the lock
    std::map<std::string, std::uint64_t> result;
    const std::lock_guard lock(mutex_);
    for (const auto& [path, mark] : marks_) {
        const std::size_t end = path.find('/');
        if (mark.busy() && end != std::string::npos) // without one it is the volume's own
            ++found[std::string_view(path).substr(0, end)];
    }
    for (const auto& [volume, objects] : found)
        result.emplace(volume, objects);
    return result;
}

void InUse::Claim::release() noexcept {
    if (in_use_ == nullptr)
        return;
    const std::lock_guard lock(in_use_->mutex_);
    const auto found = in_use_->marks_.find(path_);
    Mark& mark = found->second;
    if (removes_)
        mark.going = false;
    else
        mark.used = mark.nameless = false;
    if (!mark.used && !mark.going)
        in_use_->marks_.erase(found);
    if (removes_)
        in_use_->gone_.notify_all();
    in_use_ = nullptr;
}

void InUse::Claim::leave_name() {
    const std::lock_guard lock(in_use_->mutex_);
    in_use_->marks_.at(path_).nameless = true;
}

void InUse::Claim::take_name() {
    std::unique_lock lock(in_use_->mutex_);
    Mark& mark = in_use_->marks_.at(path_); // stays where it is, as long as this claim is there
    in_use_->gone_.wait(lock, [&mark] { return !mark.going; });
    mark.nameless = false;
}

} // namespace cachefiles::cache::store
