// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/in_use.hpp"

namespace cachefiles::cache::store {

std::optional<InUse::Claim> InUse::claim(std::string path) {
    std::unique_lock lock(mutex_);
    gone_.wait(lock, [&] { return !going_.contains(path); });
    if (!paths_.insert(path).second)
        return std::nullopt;
    return Claim(*this, std::move(path));
}

std::optional<InUse::Claim> InUse::claim_to_remove(std::string path) {
    const std::lock_guard lock(mutex_);
    if (!paths_.insert(path).second)
        return std::nullopt;
    going_.insert(path);
    return Claim(*this, std::move(path));
}

bool InUse::contains(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return paths_.contains(path);
}

std::size_t InUse::count() const {
    const std::lock_guard lock(mutex_);
    return paths_.size();
}

std::vector<std::string> InUse::paths() const {
    const std::lock_guard lock(mutex_);
    return {paths_.begin(), paths_.end()};
}

void InUse::Claim::release() noexcept {
    if (in_use_ == nullptr)
        return;
    const std::lock_guard lock(in_use_->mutex_);
    in_use_->paths_.erase(path_);
    if (in_use_->going_.erase(path_) > 0)
        in_use_->gone_.notify_all();
    in_use_ = nullptr;
}

} // namespace cachefiles::cache::store
