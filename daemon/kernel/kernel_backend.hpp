// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/config/config.hpp"
#include "daemon/kernel/cull_thread.hpp"
#include "daemon/kernel/device_owner.hpp"
#include "daemon/kernel/tree_thread.hpp"
#include "daemon/reap_thread.hpp"

#include <map>
#include <memory>
#include <string>

namespace cachefiles::daemon {

/// One cache of the kernel's driver: the bound device, the index of what is in the cache, and the
/// three threads that look after them. Used by the main thread.
class KernelBackend final {
public:
    /// Opens the index, takes over or binds the device, and begins to follow the tree. Uses what
    /// it finds in `stored`. Errors: SystemError.
    KernelBackend(const Config& config, std::map<std::string, Fd>& stored, const Clock& clock,
                  Log& log);
    ~KernelBackend();
    KernelBackend(const KernelBackend&) = delete;
    KernelBackend& operator=(const KernelBackend&) = delete;

    /// Starts the threads. Privileges must have been dropped before.
    void start();

    /// What of a new configuration takes effect at once.
    void change(const Config& config);

    /// Begins to stop; ended() says when the device is out of the way. `withdraw`: the cache goes
    /// offline, which can take minutes; otherwise the service manager keeps it online.
    void ask_to_stop(bool withdraw);
    [[nodiscard]] bool ended() const { return cull_thread_->ended(); }
    /// After ended(): waits for the threads and closes the index.
    void finish();

    /// Did every worker do something, or wait for work, since the last call?
    [[nodiscard]] bool making_progress();

    /// One line for people: systemctl status.
    [[nodiscard]] std::string summary() const;
    /// key=value ..., for programs and tests: what SIGUSR1 logs.
    [[nodiscard]] std::string details() const;

private:
    void follow(const Config& config, std::map<std::string, Fd>& stored);
    [[nodiscard]] std::unique_ptr<Follower>
    with_fanotify(std::map<std::string, Fd>::node_type kept);

    Log& log_;
    std::string tag_;
    std::unique_ptr<index::Index> index_;
    DeviceOwner owner_;
    std::unique_ptr<CacheTree> tree_;
    std::unique_ptr<Follower> follower_;
    std::unique_ptr<Reconciler> reconciler_;
    std::unique_ptr<IndexKeeper> keeper_;
    std::unique_ptr<ObjectChecker> checker_;
    std::unique_ptr<Census> census_;
    std::unique_ptr<KernelEvictor> evictor_;
    std::unique_ptr<cull::Culler> culler_;
    std::unique_ptr<ReapThread> reap_thread_;
    std::unique_ptr<CullThread> cull_thread_;
    std::unique_ptr<TreeThread> tree_thread_;
    bool withdraw_ = false;
};

} // namespace cachefiles::daemon
