// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/admin/administrator.hpp"
#include "daemon/admin/cull_events.hpp"
#include "daemon/admin/event_queue.hpp"
#include "daemon/backend.hpp"
#include "daemon/cull_thread.hpp"
#include "daemon/kernel/device_owner.hpp"
#include "daemon/kernel/kernel_binding.hpp"
#include "daemon/kernel/tree_thread.hpp"
#include "daemon/make_room.hpp"
#include "daemon/metrics/exporter.hpp"
#include "daemon/metrics/recency_profile.hpp"
#include "daemon/reap_thread.hpp"
#include "daemon/tree/extent_size_thread.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace cachefiles::daemon {

/// One cache of the kernel's driver: the bound device, the index of what is in the cache, and the
/// three threads that look after them.
class KernelBackend final : public Backend {
public:
    /// Opens the index, takes over or binds the device, and begins to follow the tree. Uses what
    /// it finds in `stored`. Errors: SystemError.
    KernelBackend(const BackendParts& parts, std::map<std::string, Fd>& stored);
    ~KernelBackend() override;
    KernelBackend(const KernelBackend&) = delete;
    KernelBackend& operator=(const KernelBackend&) = delete;

    void start() override;
    void change(const Config& config) override;
    [[nodiscard]] bool survives_restart() const override { return true; }
    void ask_to_stop(bool withdraw) override;
    [[nodiscard]] bool ended() const override { return cull_thread_->ended(); }
    void finish() override;
    [[nodiscard]] bool making_progress() override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string details() const override;
    [[nodiscard]] admin::Administration* administration() override { return administrator_.get(); }

private:
    /// From the administration's thread.
    [[nodiscard]] metrics::Statistics statistics();
    void make_administrator(const BackendParts& parts);
    void follow(const Config& config, std::map<std::string, Fd>& stored);
    [[nodiscard]] std::unique_ptr<Follower>
    with_fanotify(std::map<std::string, Fd>::node_type kept);

    Log& log_;
    std::string tag_;
    admin::EventQueue events_;
    std::unique_ptr<index::Index> index_;
    metrics::RecencyProfile profile_;
    metrics::Exporter exporter_;
    DeviceOwner owner_;
    std::unique_ptr<CacheTree> tree_;
    std::optional<ExtentSizeThread> extent_size_;
    std::unique_ptr<Follower> follower_;
    std::unique_ptr<Reconciler> reconciler_;
    std::unique_ptr<IndexKeeper> keeper_;
    std::unique_ptr<ObjectChecker> checker_;
    std::unique_ptr<Census> census_;
    std::unique_ptr<KernelEvictor> evictor_;
    std::unique_ptr<KernelBinding> binding_;
    std::unique_ptr<cull::Culler> culler_;
    std::unique_ptr<ReapThread> reap_thread_;
    std::unique_ptr<MakeRoom> room_;
    std::unique_ptr<Removals> removals_;
    std::unique_ptr<CullThread> cull_thread_;
    std::unique_ptr<TreeThread> tree_thread_;
    std::unique_ptr<admin::Administrator> administrator_; ///< uses nearly all of these
    bool withdraw_ = false;
};

} // namespace cachefiles::daemon
