// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cache/driver/driver_cache.hpp"
#include "cache/driver/no_space.hpp"
#include "cache/model.hpp"
#include "cache/store/store.hpp"

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>

namespace cachefiles::cache::driver {

/// The misc device cachefiles: what /dev/cachefiles is in the kernel, in front of a Model and a
/// Store (command protocol; Linux 6.1 to 6.12, a build without on-demand mode). What differs is in
/// DIFFERENCES.md. Any thread.
class Driver final {
public:
    using StoreMaker = DriverCache::StoreMaker;

    struct Options {
        Model& model;
        Log& log;
        const Clock& clock;
        /// What is bound; empty: a Store. Called by the thread that gives the command.
        StoreMaker make_store = {};
        /// After the cache can be used, by the same thread.
        std::function<void(const std::shared_ptr<store::Store>&)> on_bound = {};
        /// After everything has been let go of, by the thread that closes.
        std::function<void()> on_withdrawn = {};
        /// In a `cull` that succeeds: the path below the root, "cache/I.../@xx/name". What was
        /// there is gone, and nothing else takes its place before this returns.
        std::function<void(const std::string&)> on_culled = {};
    };

    explicit Driver(Options options);

    /// open(2). EBUSY while another cache lives, from here or from another process. `wake` is
    /// called whenever poll() may have changed, from any thread and in the middle of any call: it
    /// must call nobody. The driver must outlive what it opens.
    [[nodiscard]] std::expected<std::unique_ptr<DriverCache>, int> open(std::function<void()> wake);

    [[nodiscard]] const NoSpace& no_space() const { return *no_space_; }
    /// The mask of `debug`, which is kept and has no effect.
    [[nodiscard]] std::uint32_t debug() const { return debug_; }

private:
    friend DriverCache;

    Options options_;
    std::shared_ptr<NoSpace> no_space_ = std::make_shared<NoSpace>();
    std::atomic<bool> open_ = false;
    std::atomic<std::uint32_t> debug_ = 0;
};

} // namespace cachefiles::cache::driver
