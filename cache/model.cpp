// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <utility>

namespace cachefiles::cache {

Model::Model(Options options) : options_(std::move(options)), lru_(options_.idle_timeout) {}

// What waits refers to what it waits for.
Model::~Model() {
    for (const auto& [id, cookie] : cookies_) {
        cookie->waiters.clear();
        cookie->resizes.clear();
        cookie->when_acquired = nullptr;
        cookie->file.reset();
        cookie->object.reset();
    }
    for (const auto& [id, volume] : volumes_) {
        volume->creation_waiters.clear();
        volume->when_acquired = nullptr;
        volume->backend.reset();
    }
}

} // namespace cachefiles::cache
