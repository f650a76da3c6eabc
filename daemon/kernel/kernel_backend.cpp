// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/kernel_backend.hpp"

#include "base/error.hpp"
#include "base/extents.hpp"
#include "daemon/admin/object_reports.hpp"
#include "daemon/kernel/fanotify_follower.hpp"
#include "daemon/kernel/inotify_follower.hpp"
#include "daemon/kernel/store_names.hpp"
#include "daemon/room_status.hpp"
#include "daemon/system/notify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cachefiles::daemon {
KernelBackend::KernelBackend(const BackendParts& parts, std::map<std::string, Fd>& stored)
    : log_(parts.log), tag_(parts.config.cache.tag),
      index_(index::Index::open(index_options(parts.config), parts.clock, parts.log)),
      profile_(*index_, parts.clock),
      exporter_("kernel", parts.config.metrics, parts.clock, parts.log),
      owner_(parts.config.cache, parts.config.limits.watermarks, parts.log) {
    const Config& config = parts.config;
    const Clock& clock = parts.clock;
    Log& log = parts.log;
    owner_.acquire(stored);
    if (!owner_.taken_over())
        index_->set_all_idle();
    tree_ = std::make_unique<CacheTree>(config.cache.directory);
    if (config.cache.extent_size)
        extent_size_.emplace(*tree_, *config.cache.extent_size, log);
    follow(config, stored);
    reconciler_ = std::make_unique<Reconciler>(
        Reconciler::Options{*tree_, *index_, clock, log, config.daemon.scan_threads});
    keeper_ = std::make_unique<IndexKeeper>(*tree_, *index_, follower_.get(), *reconciler_, clock);
    checker_ = std::make_unique<ObjectChecker>(*tree_, *index_);
    census_ = std::make_unique<Census>(tag_);
    evictor_ = std::make_unique<KernelEvictor>(KernelEvictor::Parts{
        *tree_, *index_, *census_, clock, log,
        [this](index::DirectoryId directory) { tree_thread_->changed(directory); },
        [this] {
            return tree_thread_->in_step();
        }});
    culler_ = std::make_unique<cull::Culler>(
        *index_, *evictor_, clock, log,
        cull::Culler::Options{.changed = [this](const cull::CullEvent& event) {
            events_.add(admin::event_of(event));
        }});
    reap_thread_ =
        std::make_unique<ReapThread>(tree_->graveyard(), log, [this] { cull_thread_->nudge(); });
    binding_ = std::make_unique<KernelBinding>(owner_, *evictor_);
    room_ = std::make_unique<MakeRoom>(
        MakeRoom::Parts{tree_->root(), *index_, *culler_, *reap_thread_, clock,
                        [this] { return tree_thread_->knows_tree(); },
                        [this](bool begin) {
                            if (follower_)
                                follower_->expect_deletions(!begin);
                        }},
        MakeRoom::Settings::of(config));
    removals_ = std::make_unique<Removals>(*room_, clock);
    cull_thread_ = std::make_unique<CullThread>(
        CullThread::Parts{*binding_, *room_, *removals_, *evictor_, *index_, *reap_thread_, clock,
                          log, [this](bool online, const std::string& why) {
                              events_.add(admin::event_of(online, why));
                          }});
    tree_thread_ = std::make_unique<TreeThread>(TreeThread::Parts{
        *index_, follower_.get(), *reconciler_, *keeper_, *checker_, clock, log,
        [this](std::vector<index::Object> objects, std::vector<index::VolumeId> volumes) {
            cull_thread_->evict_unusable(std::move(objects), std::move(volumes));
        },
        [this] { cull_thread_->nudge(); },
        [this] {
            events_.add({.kind = admin::Event::Kind::index_rebuilt, .text = {}});
        }});
    make_administrator(parts);
}

void KernelBackend::make_administrator(const BackendParts& parts) {
    administrator_ = std::make_unique<admin::Administrator>(admin::Parts{
        .tag = tag_,
        .directory = parts.config.cache.directory,
        .index = *index_,
        .cull = *cull_thread_,
        .room = *room_,
        .events = events_,
        .clock = parts.clock,
        .log = log_,
        .in_step = [this] { return tree_thread_->in_step(); },
        .compare =
            [this](std::shared_ptr<Comparison> comparison) {
                tree_thread_->compare(std::move(comparison));
            },
        .keep_limits = parts.keep_limits,
        .examine =
            [this](admin::ObjectReport& object) {
                if (const Fd file = admin::open_object(tree_->root(), object))
                    object.extents = count_extents(file.get());
            },
        .statistics = [this] { return statistics(); },
        .metrics = [this](const admin::CacheReport& report) { return exporter_.text(report); },
        .reported = [this](const admin::CacheReport& report) { exporter_.reported(report); },
    });
}

KernelBackend::~KernelBackend() {
    administrator_.reset(); // what it asks goes after it
}

void KernelBackend::follow(const Config& config, std::map<std::string, Fd>& stored) {
    const bool wanted = config.daemon.events != Events::off;
    const bool fanotify = wanted && config.daemon.events != Events::inotify;
    auto kept = stored.extract(std::string(store_names::events));
    if (!kept.empty() && !(fanotify && owner_.taken_over())) {
        notify::unstore(store_names::events); // it would go on collecting, and nobody would read
        kept = {};
    }
    if (!wanted)
        return;
    try {
        if (fanotify)
            follower_ = with_fanotify(std::move(kept));
    } catch (const SystemError& error) {
        log_.warning(fmt::format("the cache cannot be followed by fanotify ({})", error.what()));
    }
    if (follower_ || config.daemon.events == Events::fanotify)
        return;
    try {
        follower_ = std::make_unique<InotifyFollower>(*tree_, *index_);
    } catch (const SystemError& error) {
        log_.warning(fmt::format("the cache cannot be followed ({}); it is compared with the "
                                 "index every few minutes instead",
                                 error.what()));
    }
}

/// `kept`: the group of a former process, which has collected what happened while nobody ran.
std::unique_ptr<Follower> KernelBackend::with_fanotify(std::map<std::string, Fd>::node_type kept) {
    if (kept.empty()) {
        Fd group = FanotifyFollower::make_group(tree_->cache());
        notify::store(store_names::events, group.get());
        return std::make_unique<FanotifyFollower>(std::move(group), *tree_, *index_);
    }
    auto follower = std::make_unique<FanotifyFollower>(std::move(kept.mapped()), *tree_, *index_);
    follower->expect_deletions(true); // that process may have ended while it culled
    return follower;
}

void KernelBackend::start() {
    reap_thread_->start();
    cull_thread_->start();
    tree_thread_->start();
    administrator_->start();
}

void KernelBackend::change(const Config& config) {
    room_->change(MakeRoom::Settings::of(config));
    exporter_.change(config.metrics);
    cull_thread_->nudge();
}

void KernelBackend::ask_to_stop(bool withdraw) {
    withdraw_ = withdraw;
    if (withdraw)
        notify::unstore(store_names::events);
    administrator_->ask_to_stop();
    cull_thread_->ask_to_stop(withdraw);
}

void KernelBackend::finish() {
    administrator_.reset();
    cull_thread_->join();
    reap_thread_->stop();
    tree_thread_->stop(withdraw_);
    index_.reset();
}

bool KernelBackend::making_progress() {
    // All are asked each time: moved() remembers what it saw.
    const std::array moved{cull_thread_->progress().moved(), tree_thread_->progress().moved(),
                           reap_thread_->progress().moved(), administrator_->making_progress()};
    return std::ranges::all_of(moved, [](bool each) { return each; });
}

std::string KernelBackend::summary() const {
    std::string text = summary_text(cull_thread_->status(), room_->status(), index_->totals());
    if (tree_thread_->status().reconciling)
        text += fmt::format("; comparing the cache with the index ({} directories)",
                            reconciler_->progress());
    return text;
}

std::string KernelBackend::details() const {
    const TreeThread::Status tree = tree_thread_->status();
    std::string text = details_text(cull_thread_->status(), room_->status(), index_->totals(),
                                    culler_->counters(), reap_thread_->counters());
    text += fmt::format(" taken_over={:d} in_step={:d} unsettled={} reconciled={}",
                        owner_.taken_over(), tree.in_step, tree.unsettled, tree.reconciled);
    text += fmt::format(" questions={} stats={} directories_entered={}",
                        evictor_->counters().questions.load(), evictor_->counters().stats.load(),
                        evictor_->counters().directories.load());
    text += fmt::format(" changes={} overflows={} last_directories_read={} last_objects_read={} "
                        "foreign={}",
                        tree.events.changes, tree.events.overflows, tree.last.directories_read,
                        tree.last.objects_read, tree.last.foreign.entries);
    return text;
}

} // namespace cachefiles::daemon
