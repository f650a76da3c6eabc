// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/admin/administrator.hpp"
#include "daemon/admin/cull_events.hpp"
#include "daemon/admin/event_queue.hpp"
#include "daemon/backend.hpp"
#include "daemon/cull_thread.hpp"
#include "daemon/make_room.hpp"
#include "daemon/metrics/exporter.hpp"
#include "daemon/metrics/recency_profile.hpp"
#include "daemon/reap_thread.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "daemon/tree/extent_size_thread.hpp"
#include "daemon/tree/reconciler.hpp"
#include "daemon/user/device_service.hpp"
#include "daemon/user/index_thread.hpp"
#include "daemon/user/user_binding.hpp"
#include "daemon/user/user_evictor.hpp"
#include "daemon/user/user_service.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cachefiles::daemon {

/// The daemon as the cache: the model, a store in it, the index of what is there, the clients, and
/// the threads that look after them.
class UserBackend final : public Backend {
public:
    /// Opens the index and binds the cache. Errors: SystemError.
    explicit UserBackend(const BackendParts& parts);
    ~UserBackend() override;
    UserBackend(const UserBackend&) = delete;
    UserBackend& operator=(const UserBackend&) = delete;

    void start() override;
    void change(const Config& config) override;
    /// Clients hold files and maps that are worth nothing without the daemon.
    [[nodiscard]] bool survives_restart() const override { return false; }
    void ask_to_stop(bool withdraw) override;
    [[nodiscard]] bool ended() const override;
    void finish() override;
    [[nodiscard]] bool making_progress() override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string details() const override;
    [[nodiscard]] admin::Administration* administration() override { return administrator_.get(); }

private:
    /// From the administration's thread.
    [[nodiscard]] metrics::Statistics statistics();
    void make_binding(const Config& config, const Clock& clock);
    void make_threads(const Config& config, const Clock& clock);
    void make_administrator(const BackendParts& parts);
    void use(std::shared_ptr<cache::store::Store> store);
    [[nodiscard]] std::shared_ptr<cache::store::Store> store() const;
    [[nodiscard]] bool in_use(const std::string& path) const;

    Log& log_;
    admin::EventQueue events_;
    std::unique_ptr<index::Index> index_;
    metrics::RecencyProfile profile_;
    metrics::Exporter exporter_;
    std::shared_ptr<cache::store::StoreCounters> store_counters_ =
        std::make_shared<cache::store::StoreCounters>();
    std::unique_ptr<UserService> service_;
    std::unique_ptr<UserEvictor> evictor_;
    std::unique_ptr<UserBinding> binding_;
    std::unique_ptr<CacheTree> tree_;
    std::optional<ExtentSizeThread> extent_size_;
    std::unique_ptr<Reconciler> reconciler_;
    std::unique_ptr<cull::Culler> culler_;
    std::unique_ptr<ReapThread> reap_thread_;
    std::unique_ptr<MakeRoom> room_;
    std::unique_ptr<Removals> removals_;
    std::unique_ptr<CullThread> cull_thread_;
    std::unique_ptr<IndexThread> index_thread_;
    std::unique_ptr<admin::Administrator> administrator_; ///< uses nearly all of these
    std::unique_ptr<DeviceService> device_; ///< with user.device; a cache beside our own

    mutable std::mutex mutex_; ///< guards what follows
    std::shared_ptr<cache::store::Store> store_;
};

} // namespace cachefiles::daemon
