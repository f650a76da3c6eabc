// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/model.hpp"
#include "cache/store/store.hpp"
#include "tests/conformance/runner/target.hpp"

#include <memory>
#include <string>

namespace cachefiles::conformance {

/// The device's commands on the user backend: as much as binds and unbinds a cache.
class UserDevice final {
public:
    UserDevice(cache::Model& model, cache::Executor& executor, const Clock& clock, Log& log);
    ~UserDevice();
    UserDevice(const UserDevice&) = delete;
    UserDevice& operator=(const UserDevice&) = delete;

    [[nodiscard]] Reply execute(const Words& request);
    void add_stats(Stats& stats) const;

private:
    class Events;

    [[nodiscard]] Reply write(const std::string& text);
    [[nodiscard]] Reply bind();
    void close();

    cache::Model& model_;
    const Clock& clock_;
    Log& log_;
    bool open_ = false;
    std::string directory_;
    std::string tag_;
    cache::CachePtr cache_;
    std::unique_ptr<Events> events_;
};

} // namespace cachefiles::conformance
