// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cache/file_io.hpp"
#include "cache/model.hpp"
#include "tests/conformance/runner/pool_executor.hpp"
#include "tests/conformance/runner/target.hpp"
#include "tests/conformance/runner/user_device.hpp"

#include <future>
#include <map>
#include <optional>
#include <string>

namespace cachefiles::conformance {

/// Our user backend, in this process: the model, the store, and the device's commands.
class UserTarget final : public Target {
public:
    UserTarget();
    ~UserTarget() override;
    UserTarget(const UserTarget&) = delete;
    UserTarget& operator=(const UserTarget&) = delete;

    [[nodiscard]] Reply execute(const Words& request) override;
    [[nodiscard]] std::unique_ptr<Pending> start(const Words& request) override;
    void settle() override;
    void wait_for_lru() override;

    [[nodiscard]] std::vector<protocol::CacheEntry> caches() override;
    [[nodiscard]] std::vector<protocol::VolumeEntry> volumes() override;
    [[nodiscard]] std::vector<protocol::CookieEntry> cookies() override;
    [[nodiscard]] Stats stats() override;

private:
    /// An operation, and the room that prepare_write() was given for a write within it.
    struct Running {
        cache::OperationPtr operation;
        cache::CookiePtr cookie;
        std::optional<cache::WriteGrant> grant;
    };

    [[nodiscard]] std::future<Reply> acquire_volume(const Words& words);
    [[nodiscard]] std::future<Reply> acquire_cookie(const Words& words);
    [[nodiscard]] Reply relinquish_volume(const Words& words);
    [[nodiscard]] Reply on_cookie(const Words& words);
    [[nodiscard]] Reply resize(const cache::CookiePtr& cookie, std::uint64_t size);

    // user_operations.cpp
    [[nodiscard]] Reply begin(const Words& words);
    [[nodiscard]] Reply on_operation(const Words& words);
    [[nodiscard]] Reply read(const Running& running, const Words& words);
    [[nodiscard]] Reply write(Running& running, const Words& words);
    [[nodiscard]] Reply prepare_read(const Running& running, const Words& words);
    [[nodiscard]] Reply prepare_write(Running& running, const Words& words);
    [[nodiscard]] Reply occupancy(const Running& running, const Words& words);
    [[nodiscard]] std::shared_ptr<cache::BackendFile> file_for(const Running& running,
                                                               cache::Want want);
    [[nodiscard]] cache::WritePurpose purpose(const Running& running) const;

    NullLog log_;
    ManualClock clock_;
    PoolExecutor executor_{clock_};
    cache::Model model_;
    std::map<std::string, cache::VolumePtr> volumes_; ///< by the caller's number
    std::map<std::string, cache::CookiePtr> cookies_;
    std::map<std::string, Running> operations_;
    UserDevice device_; // last: its end withdraws the cache
};

} // namespace cachefiles::conformance
