// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/in_use.hpp"

namespace cachefiles::cache::store {

std::optional<InUse::Claim> InUse::claim(std::string path) {
    const std::lock_guard lock(mutex_);
    if (!paths_.insert(path).second)
        return std::nullopt;
    return Claim(*this, std::move(path));
}

std::size_t InUse::count() const {
    const std::lock_guard lock(mutex_);
    return paths_.size();
}

void InUse::Claim::release() noexcept {
    if (in_use_ == nullptr)
        return;
    const std::lock_guard lock(in_use_->mutex_);
    in_use_->paths_.erase(path_);
    in_use_ = nullptr;
}

} // namespace cachefiles::cache::store
