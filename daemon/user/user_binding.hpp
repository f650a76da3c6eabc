// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "cache/model.hpp"
#include "cache/store/store.hpp"
#include "daemon/binding.hpp"
#include "daemon/user/space_gate.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cachefiles::daemon {

/// The daemon's own cache: a store in the model. It dies of an I/O error, and is then withdrawn and
/// bound anew: its objects are opened again by whoever uses them next.
class UserBinding final : public Binding, private cache::BackendEvents {
public:
    using MakeStore = std::function<std::shared_ptr<cache::store::Store>(cache::store::Options)>;
    /// What is bound now; null: nothing any more. In the thread that opens or closes.
    using Bound = std::function<void(std::shared_ptr<cache::store::Store>)>;

    struct Options {
        cache::Model& model;
        const Clock& clock;
        Log& log;
        std::filesystem::path directory;
        std::string tag;
        cull::Watermarks watermarks;
        MakeStore make_store;
        Bound bound;
    };

    explicit UserBinding(Options options);
    ~UserBinding() override;
    UserBinding(const UserBinding&) = delete;
    UserBinding& operator=(const UserBinding&) = delete;

    void enter_thread() override {}
    [[nodiscard]] bool bound() const override { return cache_ != nullptr; }
    [[nodiscard]] std::optional<State> look() override;
    [[nodiscard]] bool alive() override { return !dead_; }
    [[nodiscard]] std::string death() const override;
    /// Waits until the cache is withdrawn.
    void close() override;
    void open() override;
    [[nodiscard]] int descriptor() const override { return event_.get(); }

    /// From any thread: these watermarks count from now on.
    void set_watermarks(const cull::Watermarks& watermarks);

private:
    void released();
    void io_error(const std::string& what) override;
    void set_thresholds(int directory);
    void call();

    Options options_;
    SpaceGate gate_;
    Fd event_; ///< readable when there is something to look at
    cache::CachePtr cache_;
    std::atomic<bool> called_{false};
    std::atomic<std::uint64_t> released_{0};
    std::atomic<bool> dead_{false};

    mutable std::mutex mutex_; ///< guards what follows
    std::string death_;
    cull::Watermarks watermarks_;
    cache::CachePtr dying_; ///< cache_, for io_error()
    int directory_ = -1;    ///< of the store that is bound
};

} // namespace cachefiles::daemon
