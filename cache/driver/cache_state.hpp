// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/driver/limits.hpp"
#include "cache/driver/no_space.hpp"
#include "cache/model.hpp"
#include "cache/store/space_check.hpp"
#include "protocol/state_line.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace cachefiles::cache::driver {

/// What a cache is in at this moment, as the state line and poll(2) show it: the flags CULLING,
/// STATE_CHANGED and DEAD, and what was released (command protocol, sections 4 to 6 and 10). The
/// store reports into it, from any thread; it lives as long as the store does.
class CacheState final : public BackendEvents {
public:
    CacheState(Model& model, std::shared_ptr<NoSpace> no_space, std::function<void()> wake);

    /// Before anything is judged.
    void set_limits(const AbsoluteLimits& limits) { limits_ = limits; }
    /// Whose state it is: io_error() tells the model.
    void set_record(CachePtr record);

    /// The driver's has_space(): culling begins when either resource is below its cull limit, and
    /// ends when both have reached their run limits. False below a stop limit.
    [[nodiscard]] bool judge(const store::Room& room, store::SpaceUse use);
    /// An object's file was let go of: its size in sectors of 512 bytes.
    void released(std::uint64_t sectors);
    /// The cache is dead: nobody is woken.
    void io_error(const std::string& what) override;

    void die() { dead_ = true; }
    [[nodiscard]] bool dead() const { return dead_; }
    /// POLLIN if something has changed since take(), POLLOUT while culling is called for.
    [[nodiscard]] short poll() const;
    /// What is to be read; the counters of released files begin anew, and nothing has changed.
    [[nodiscard]] protocol::StateLine take();
    /// Nobody is woken any more when it returns.
    void stop_waking();

private:
    void begin_culling();
    void change();

    Model& model_;
    const std::shared_ptr<NoSpace> no_space_;
    AbsoluteLimits limits_;
    std::atomic<bool> dead_ = false;
    std::atomic<bool> culling_ = false;
    std::atomic<bool> changed_ = false;
    std::atomic<std::uint32_t> released_files_ = 0;
    std::atomic<std::uint64_t> released_sectors_ = 0;
    std::mutex mutex_; // of what is below
    CachePtr record_;
    std::function<void()> wake_;
};

} // namespace cachefiles::cache::driver
