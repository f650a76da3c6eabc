// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/user_backend.hpp"

#include "base/extents.hpp"
#include "daemon/admin/object_reports.hpp"
#include "daemon/room_status.hpp"
#include "daemon/user/content_bits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cachefiles::daemon {

UserBackend::UserBackend(const BackendParts& parts)
    : log_(parts.log),
      index_(index::Index::open(index_options(parts.config), parts.clock, parts.log)),
      profile_(*index_, parts.clock),
      exporter_("user", parts.config.metrics, parts.clock, parts.log) {
    const Config& config = parts.config;
    const Clock& clock = parts.clock;
    Log& log = parts.log;
    index_->set_all_idle();
    service_ = std::make_unique<UserService>(config.user, clock, log, [this] { return store(); });
    make_binding(config, clock);
    make_threads(config, clock);
    make_administrator(parts);
    if (config.user.has_device())
        device_ = std::make_unique<DeviceService>(config, service_->model(), clock, log);
}

UserBackend::~UserBackend() {
    // What calls goes before what is called.
    administrator_.reset();
    service_->stop_clients();
    device_.reset();
    index_thread_->stop(false);
    cull_thread_.reset();
    reap_thread_.reset();
    binding_.reset();
    service_.reset();
}

void UserBackend::make_binding(const Config& config, const Clock& clock) {
    evictor_ = std::make_unique<UserEvictor>(UserEvictor::Parts{
        *index_, clock, log_, config.daemon.scan_threads,
        [this](index::DirectoryId directory) { index_thread_->changed(directory); },
        [this] {
            return index_thread_->knows_tree();
        }});
    binding_ = std::make_unique<UserBinding>(UserBinding::Options{
        service_->model(), clock, log_, config.cache.directory, config.cache.tag,
        config.limits.watermarks,
        [this, interval = config.user.commit_interval](cache::store::Options options) {
            options.index = index_.get();
            options.commit_interval = interval;
            options.counters = store_counters_;
            options.on_changed = [this](index::DirectoryId directory) {
                index_thread_->changed(directory);
            };
            return std::make_shared<cache::store::Store>(std::move(options));
        },
        [this](std::shared_ptr<cache::store::Store> store) {
            use(std::move(store));
        }});
    binding_->open();
    tree_ = std::make_unique<CacheTree>(config.cache.directory);
    if (config.cache.extent_size)
        extent_size_.emplace(*tree_, *config.cache.extent_size, log_);
}

void UserBackend::make_threads(const Config& config, const Clock& clock) {
    reconciler_ = std::make_unique<Reconciler>(Reconciler::Options{
        *tree_, *index_, clock, log_, config.daemon.scan_threads, [this](const std::string& path) {
            return in_use(path);
        }});
    culler_ = std::make_unique<cull::Culler>(
        *index_, *evictor_, clock, log_,
        cull::Culler::Options{.changed = [this](const cull::CullEvent& event) {
            events_.add(admin::event_of(event));
        }});
    reap_thread_ =
        std::make_unique<ReapThread>(tree_->graveyard(), log_, [this] { cull_thread_->nudge(); });
    room_ =
        std::make_unique<MakeRoom>(MakeRoom::Parts{tree_->root(),
                                                   *index_,
                                                   *culler_,
                                                   *reap_thread_,
                                                   clock,
                                                   [this] { return index_thread_->knows_tree(); },
                                                   {}},
                                   MakeRoom::Settings::of(config));
    removals_ = std::make_unique<Removals>(*room_, clock);
    cull_thread_ = std::make_unique<CullThread>(
        CullThread::Parts{*binding_, *room_, *removals_, *evictor_, *index_, *reap_thread_, clock,
                          log_, [this](bool online, const std::string& why) {
                              events_.add(admin::event_of(online, why));
                          }});
    index_thread_ = std::make_unique<IndexThread>(IndexThread::Parts{
        *index_, *tree_, *reconciler_, clock, log_, [this] { cull_thread_->nudge(); },
        [this] {
            events_.add({.kind = admin::Event::Kind::index_rebuilt, .text = {}});
        }});
}

void UserBackend::make_administrator(const BackendParts& parts) {
    administrator_ = std::make_unique<admin::Administrator>(admin::Parts{
        .tag = parts.config.cache.tag,
        .directory = parts.config.cache.directory,
        .index = *index_,
        .cull = *cull_thread_,
        .room = *room_,
        .events = events_,
        .clock = parts.clock,
        .log = log_,
        .in_step = [this] { return index_thread_->knows_tree(); },
        .compare =
            [this](std::shared_ptr<Comparison> comparison) {
                index_thread_->compare(std::move(comparison));
            },
        .in_use = {.counts =
                       [this] {
                           const auto bound = store();
                           return bound ? bound->in_use().counts()
                                        : std::map<std::string, std::uint64_t>();
                       },
                   .contains =
                       [this](const std::string& path) {
                           return in_use(path.substr(std::string_view("cache/").size()));
                       }},
        .keep_limits = parts.keep_limits,
        .examine =
            [this](admin::ObjectReport& object) {
                const Fd file = admin::open_object(tree_->root(), object);
                if (!file)
                    return;
                object.extents = count_extents(file.get());
                object.content = content_bits(*index_, file.get(), object.object.id);
            },
        .statistics = [this] { return statistics(); },
        .metrics = [this](const admin::CacheReport& report) { return exporter_.text(report); },
        .reported = [this](const admin::CacheReport& report) { exporter_.reported(report); },
    });
}

/// In the culling thread, but for the first time.
void UserBackend::use(std::shared_ptr<cache::store::Store> store) {
    evictor_->use(store);
    const std::lock_guard lock(mutex_);
    store_ = std::move(store);
}

std::shared_ptr<cache::store::Store> UserBackend::store() const {
    const std::lock_guard lock(mutex_);
    return store_;
}

/// `path` is below cache/.
bool UserBackend::in_use(const std::string& path) const {
    const std::shared_ptr<cache::store::Store> bound = store();
    return bound && bound->in_use().contains(path);
}

void UserBackend::start() {
    reap_thread_->start();
    cull_thread_->start();
    index_thread_->start();
    service_->start();
    administrator_->start();
}

void UserBackend::change(const Config& config) {
    binding_->set_watermarks(config.limits.watermarks);
    room_->change(MakeRoom::Settings::of(config));
    exporter_.change(config.metrics);
    cull_thread_->nudge();
}

void UserBackend::ask_to_stop(bool /*withdraw*/) {
    administrator_->ask_to_stop();
    service_->stop_clients();
    cull_thread_->ask_to_stop(true);
    if (device_)
        device_->ask_to_stop();
}

bool UserBackend::ended() const {
    return cull_thread_->ended() && (!device_ || device_->ended());
}

void UserBackend::finish() {
    administrator_.reset();
    device_.reset();
    cull_thread_->join();
    reap_thread_->stop();
    index_thread_->stop(true);
    service_->end();
    index_.reset();
}

bool UserBackend::making_progress() {
    // All are asked each time: moved() remembers what it saw.
    const std::array moved{cull_thread_->progress().moved(), index_thread_->progress().moved(),
                           reap_thread_->progress().moved(), service_->progress().moved(),
                           administrator_->making_progress()};
    return std::ranges::all_of(moved, [](bool each) { return each; });
}

std::string UserBackend::summary() const {
    std::string text = summary_text(cull_thread_->status(), room_->status(), index_->totals());
    if (const std::size_t clients = service_->clients(); clients > 0)
        text += fmt::format("; {} clients", clients);
    if (index_thread_->status().comparing)
        text += fmt::format("; comparing the cache with the index ({} directories)",
                            reconciler_->progress());
    return text;
}

std::string UserBackend::details() const {
    const IndexThread::Status index = index_thread_->status();
    std::string text = details_text(cull_thread_->status(), room_->status(), index_->totals(),
                                    culler_->counters(), reap_thread_->counters());
    text += fmt::format(" in_step={:d} reconciled={} last_directories_read={} "
                        "last_objects_read={} foreign={}",
                        index_thread_->knows_tree(), index.compared, index.last.directories_read,
                        index.last.objects_read, index.last.foreign.entries);
    text += fmt::format(" uncommitted={:d} {}", index_->uncommitted(), service_->details());
    return text;
}

} // namespace cachefiles::daemon
