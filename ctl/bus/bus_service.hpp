// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/service.hpp"

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>

#include <memory>

namespace cachefiles::ctl {

/// The daemon on the system bus of this machine, or of another one over ssh, as systemctl -H
/// reaches it: `ssh HOST systemd-stdio-bridge`.
class BusService final : public Service {
public:
    /// An empty host is this machine. Errors: Failure; not_running if nobody has the name.
    explicit BusService(const std::string& host);

    [[nodiscard]] Snapshot snapshot() override;
    [[nodiscard]] std::string cull(const std::string& cache, const CullOrder& order) override;
    [[nodiscard]] std::string purge(const std::string& cache, const std::string& volume,
                                    bool dry_run) override;
    [[nodiscard]] std::string verify(const std::string& cache) override;
    [[nodiscard]] std::optional<JobValues> job(const std::string& path) override;
    void cancel(const std::string& job) override;
    void pause(const std::string& cache, bool paused) override;
    void set_limits(const std::string& cache, const LimitOrder& order) override;
    void pin(const std::string& volume, bool pinned) override;
    void reload() override;
    [[nodiscard]] std::string log_level() override;
    void set_log_level(const std::string& level) override;
    [[nodiscard]] ObjectPage list(const std::string& cache, const std::string& volume,
                                  const std::string& cursor, std::uint32_t limit) override;
    [[nodiscard]] ObjectDetails show(const std::string& cache, const std::string& volume,
                                     const std::string& name) override;
    [[nodiscard]] std::vector<AgeValues> ages(const std::string& cache,
                                              const std::vector<Seconds>& bounds) override;
    [[nodiscard]] std::string metrics() override;
    void listen(std::function<void(const Event&)> happened) override;
    void wait(int descriptor, std::optional<std::chrono::milliseconds> timeout) override;

private:
    [[nodiscard]] std::unique_ptr<sdbus::IProxy> proxy(const std::string& path);
    [[nodiscard]] std::string owner();
    void take(sdbus::Message& message);

    std::unique_ptr<sdbus::IConnection> connection_;
    std::function<void(const Event&)> happened_;
    std::size_t told_ = 0; // events so far
    bool gone_ = false;    // the daemon's name has no owner any more
};

} // namespace cachefiles::ctl
