// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/store/volume_directory.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace cachefiles::cache::store {

/// A volume of the store. Its directory stays in use until its last object is gone, too.
class StoreVolume final : public BackendVolume {
public:
    explicit StoreVolume(std::shared_ptr<VolumeDirectory> directory)
        : directory_(std::move(directory)) {}

    [[nodiscard]] Lookup look_up(const CookieIdentity& cookie, const Coherency& wanted,
                                 const std::function<void()>& negative) override;
    void detach(const std::string& coherency) override;
    void discard() override;

private:
    std::shared_ptr<VolumeDirectory> directory_; ///< null after the last call
};

} // namespace cachefiles::cache::store
