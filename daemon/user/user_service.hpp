// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cache/model.hpp"
#include "cache/store/store.hpp"
#include "cache/thread_executor.hpp"
#include "daemon/config/config.hpp"
#include "daemon/metrics/statistics.hpp"
#include "daemon/netfs/registry.hpp"
#include "daemon/netfs/server.hpp"
#include "daemon/netfs/services.hpp"
#include "daemon/progress.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cachefiles::daemon {

/// The model of the user backend, and the socket at which its clients reach it; whatever cache is
/// bound in it, and by whom.
class UserService final {
public:
    /// The store that is bound at this moment, or null. Any thread.
    using FindStore = std::function<std::shared_ptr<cache::store::Store>()>;

    /// Listens at once; who connects waits for start(). Errors: SystemError.
    UserService(const UserSettings& settings, const Clock& clock, Log& log, FindStore find_store);
    ~UserService();
    UserService(const UserService&) = delete;
    UserService& operator=(const UserService&) = delete;

    [[nodiscard]] cache::Model& model() { return *model_; }

    void start() { server_->start(); }
    /// The clients are hung up on; what they have is let go of. Before a cache is withdrawn for
    /// good.
    void stop_clients();
    /// After it is withdrawn: the last jobs are done, and there are no more.
    void end();

    [[nodiscard]] Progress& progress() { return server_->progress(); }
    /// clients=... for details().
    [[nodiscard]] std::string details() const;
    /// What clients did. Not while end() is called.
    void add_statistics(metrics::Statistics& all) const;
    [[nodiscard]] std::size_t clients() const { return server_->status().clients; }

private:
    Log& log_;
    std::string socket_;
    // What uses the others stands behind them; the executor's jobs use all.
    std::unique_ptr<netfs::Registry> registry_;
    std::unique_ptr<cache::Model> model_;
    std::unique_ptr<netfs::Services> services_;
    std::unique_ptr<cache::ThreadExecutor> executor_;
    std::unique_ptr<netfs::Server> server_;
};

} // namespace cachefiles::daemon
