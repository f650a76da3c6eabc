// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.hpp"

#include "base/message_ids.hpp"
#include "daemon/bus/bus.hpp"
#include "daemon/config/reload.hpp"
#include "daemon/kernel/kernel_backend.hpp"
#include "daemon/system/notify.hpp"
#include "daemon/system/privileges.hpp"
#include "daemon/system/stop_reason.hpp"
#include "daemon/user/device_backend.hpp"
#include "daemon/user/user_backend.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <map>

namespace cachefiles::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::microseconds status_interval = 2s;
constexpr std::chrono::microseconds stop_check_interval = 50ms;

// While the driver withdraws the cache the service manager is asked for patience in such steps;
// they end by themselves if we should hang.
constexpr std::chrono::seconds patience = 30s;

Severity severity_of(const Config& config) {
    return config.daemon.log_level;
}

/// What the kernel backend left with the service manager: as long as the device is open, the driver
/// has the cache online, in a directory that is to be ours.
void withdraw_from_driver(std::map<std::string, Fd>& stored, Log& log) {
    if (stored.empty())
        return;
    for (const auto& [name, descriptor] : stored)
        notify::unstore(name);
    notify::barrier();
    stored.clear(); // the last to close it
    log.notice("the cache that was kept online for the kernel backend is withdrawn");
}

std::unique_ptr<Backend> make_backend(const BackendParts& parts) {
    const Config& config = parts.config;
    std::map<std::string, Fd> stored = notify::take_stored(); // what nobody wants is closed
    if (config.daemon.backend == BackendKind::user)
        withdraw_from_driver(stored, parts.log);
    if (config.daemon.backend == BackendKind::user && config.user.bound_by == BoundBy::device)
        return std::make_unique<DeviceBackend>(config, parts.clock, parts.log);
    if (config.daemon.backend == BackendKind::user)
        return std::make_unique<UserBackend>(parts);
    return std::make_unique<KernelBackend>(parts, stored);
}

Privileges privileges_for(const Config& config) {
    if (config.daemon.backend == BackendKind::kernel)
        return kernel_privileges;
    return config.user.has_device() ? device_privileges : user_privileges;
}

std::string backend_name(const Config& config) {
    if (config.daemon.backend == BackendKind::kernel)
        return "kernel";
    return config.user.bound_by == BoundBy::device ? "device" : "user";
}

std::string to_text(const Diagnostics& diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics)
        text += (text.empty() ? "" : "\n") + diagnostic.to_string();
    return text;
}

} // namespace

Daemon::Daemon(LoadRequest request, LoadedConfig config, const Clock& clock, JournalLog& log)
    : request_(std::move(request)), config_(std::move(config)), limits_file_(request_), log_(log),
      signals_(take_signals()),
      backend_(make_backend({config_.config, clock, log, [this](const admin::LimitChange& change) {
                                 return keep_limits(change);
                             }})) {}

void Daemon::run() {
    drop_privileges(privileges_for(config_.config));
    backend_->start();
    notify::ready(backend_->summary());
    loop_.every(status_interval, [this] { report_status(); });
    if (const auto interval = notify::watchdog_interval())
        loop_.every(*interval / 2, [this] { feed_watchdog(); });
    {
        const bus::Bus bus(bus_parts());
        loop_.run();
    }
    backend_->finish();
}

bus::Parts Daemon::bus_parts() {
    return {.administration = backend_->administration(),
            .loop = loop_,
            .log = log_,
            .version = CACHEFILESD_VERSION,
            .backend = backend_name(config_.config),
            .reload = [this] { return reload(); },
            .log_level = [this] { return log_.level(); },
            .set_log_level = [this](Severity level) { log_.set_level(level); },
            .log_target = log_.target()};
}

bool Daemon::take_signals() {
    loop_.on_signals({SIGTERM, SIGINT, SIGHUP, SIGUSR1}, [this](int signal) { on_signal(signal); });
    return true;
}

void Daemon::on_signal(int signal) {
    switch (signal) {
    case SIGHUP: {
        [[maybe_unused]] const auto said_in_the_log = reload();
        return;
    }
    case SIGUSR1:
        log_.notice("status: " + backend_->details());
        return;
    default:
        begin_to_stop();
    }
}

/// All or nothing: a configuration with an error in it changes nothing.
std::expected<void, std::string> Daemon::reload() {
    notify::reloading();
    std::expected<LoadedConfig, Diagnostics> loaded = load(request_);
    if (!loaded) {
        for (const Diagnostic& diagnostic : loaded.error())
            log_.error(diagnostic.to_string());
        log_.write(Severity::error, message_id::config_rejected,
                   "the configuration is not reloaded: the one before stays in effect", {});
        notify::ready("Configuration has errors; the one before stays in effect");
        return std::unexpected(to_text(loaded.error()));
    }
    const ReloadEffects effects = reload_effects(config_.config, loaded->config);
    for (const std::string& change : effects.at_once)
        log_.notice("reloaded: " + change);
    for (const std::string& change : effects.rebind)
        log_.warning("needs a restart that binds the cache anew: " + change);
    for (const std::string& change : effects.restart)
        log_.warning("needs a restart: " + change);
    if (!effects.any())
        log_.notice("reloaded: nothing has changed");
    log_.set_level(severity_of(loaded->config));
    backend_->change(loaded->config);
    config_ = std::move(*loaded);
    notify::ready(backend_->summary());
    return {};
}

/// In the administration's thread.
std::expected<void, std::string> Daemon::keep_limits(const admin::LimitChange& change) {
    std::expected<void, std::string> kept = limits_file_.keep(change);
    if (kept)
        loop_.post([this] { [[maybe_unused]] const auto said_in_the_log = reload(); });
    return kept;
}

void Daemon::report_status() {
    if (stopping_)
        return;
    std::string status = backend_->summary();
    if (status != reported_)
        notify::status(status);
    reported_ = std::move(status);
}

void Daemon::feed_watchdog() {
    if (backend_->making_progress())
        notify::watchdog();
}

void Daemon::begin_to_stop() {
    if (stopping_)
        return;
    stopping_ = true;
    notify::stopping();
    const bool withdraw = !backend_->survives_restart() || !notify::supervised() ||
                          stop_reason() != StopReason::restart;
    log_.info(withdraw ? "stopping; the cache is withdrawn"
                       : "stopping; the cache stays online with the service manager");
    backend_->ask_to_stop(withdraw);
    loop_.every(stop_check_interval, [this] { check_stopped(); });
}

void Daemon::check_stopped() {
    if (backend_->ended())
        loop_.stop();
    else
        notify::extend_timeout(patience);
}

} // namespace cachefiles::daemon
