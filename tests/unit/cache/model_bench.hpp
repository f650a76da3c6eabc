// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/model.hpp"
#include "tests/unit/cache/fake_backend.hpp"
#include "tests/unit/cache/scripted_executor.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cachefiles::tests {

/// A model with a cache on a fake disk, and its clients' calls in short.
class ModelBench {
public:
    SimulatedClock clock;
    RecordingLog log;
    ScriptedExecutor executor{clock};
    FakeDisk disk;
    std::string states; ///< of all cookies, in the order in which they were entered
    cache::Model model;
    cache::CachePtr cache;

    explicit ModelBench(bool bound = true,
                        std::chrono::nanoseconds idle_timeout = cache::Lru::default_timeout)
        : model({executor,
                 clock,
                 log,
                 [this](const cache::Cookie& cookie, protocol::CookieState) {
                     states += static_cast<char>(cookie.state);
                 },
                 {},
                 idle_timeout}) {
        if (bound)
            bind();
    }

    void bind(const std::string& name = "cache") {
        cache = model.prepare_cache(name).value();
        model.activate_cache(cache, std::make_shared<FakeBackend>(disk));
    }
    bool withdraw() {
        bool done = false;
        CHECK(model.withdraw_cache(cache, [&done] { done = true; }));
        executor.run_all();
        return done;
    }

    std::expected<cache::VolumePtr, std::errc> acquire_volume(const std::string& key = "v") {
        std::expected<cache::VolumePtr, std::errc> got = std::unexpected(std::errc::timed_out);
        model.acquire_volume({key, {}, "coherent"}, [&got](auto result) { got = result; });
        executor.run_all();
        return got;
    }
    cache::VolumePtr volume(const std::string& key = "v") { return acquire_volume(key).value(); }

    std::expected<cache::CookiePtr, std::errc> acquire(const cache::VolumePtr& in,
                                                       const std::string& key = "k",
                                                       const std::string& aux = "a",
                                                       std::uint64_t size = 0) {
        std::expected<cache::CookiePtr, std::errc> got = std::unexpected(std::errc::timed_out);
        model.acquire_cookie(in, {key, {aux, size}}, [&got](auto result) { got = result; });
        executor.run_all();
        return got;
    }
    cache::CookiePtr cookie(const cache::VolumePtr& in, const std::string& key = "k",
                            const std::string& aux = "a", std::uint64_t size = 0) {
        return acquire(in, key, aux, size).value();
    }

    /// What a session that has ended left on the disk.
    void put(const std::string& key = "k", const std::string& aux = "a", std::uint64_t size = 0) {
        auto content = std::make_shared<FakeDisk::Content>(size);
        content->version = 1;
        disk.files[{"v", key}] = {{aux, size}, std::move(content), false};
    }

    /// An answer that may be awaited: nothing until it has come.
    using Begun = std::shared_ptr<std::optional<std::expected<cache::OperationPtr, std::errc>>>;
    Begun begin(const cache::CookiePtr& of) {
        auto got = std::make_shared<Begun::element_type>();
        model.begin_operation(of, [got](auto result) { *got = std::move(result); });
        return got;
    }
    cache::OperationPtr begun(const cache::CookiePtr& of) {
        const Begun got = begin(of);
        executor.run_all();
        return got->value().value();
    }
    bool refused(const cache::CookiePtr& of) {
        const Begun got = begin(of);
        executor.run_all();
        return *got && got->value() == std::unexpected(std::errc::no_buffer_space);
    }
    std::shared_ptr<std::optional<bool>> wait(const cache::OperationPtr& in, cache::Want want) {
        auto got = std::make_shared<std::optional<bool>>();
        model.wait(in, want, [got](bool ready) { *got = ready; });
        return got;
    }

    protocol::CookieEntry entry(const cache::CookiePtr& of) const {
        for (const protocol::CookieEntry& one : model.cookies()) {
            if (one.id == of->id)
                return one;
        }
        return {};
    }
    std::uint64_t flags(const cache::CookiePtr& of) const { return entry(of).flags; }
    char state(const cache::CookiePtr& of) const { return static_cast<char>(entry(of).state); }

    void use(const cache::CookiePtr& of, bool modify = false) {
        CHECK(model.use(of, modify) == std::errc{});
        executor.run_all();
    }
    void unuse(const cache::CookiePtr& of) {
        CHECK(model.unuse(of, {}, {}) == std::errc{});
        executor.run_all();
    }
    void relinquish(const cache::CookiePtr& of, bool retire = false) {
        CHECK(model.relinquish_cookie(of, retire) == std::errc{});
        executor.run_all();
    }
    void invalidate(const cache::CookiePtr& of, const std::string& aux = "a",
                    std::uint64_t size = 0) {
        model.invalidate(of, aux, size, false);
    }
    void expire() {
        executor.advance(cache::Lru::default_timeout);
        executor.run_all();
    }
    std::size_t called(const std::string& what) const {
        return static_cast<std::size_t>(std::ranges::count(disk.calls, what));
    }
};

} // namespace cachefiles::tests
