// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/administrator.hpp"

#include "base/bytes_text.hpp"
#include "daemon/admin/age_count.hpp"
#include "daemon/admin/dump_work.hpp"
#include "daemon/admin/limit_change.hpp"
#include "daemon/admin/removal_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

std::unexpected<Refusal> refuse(Refusal::Kind kind, std::string text) {
    return std::unexpected(Refusal{kind, std::move(text)});
}

} // namespace

Administrator::Administrator(Parts parts)
    : parts_(std::move(parts)), builder_(parts_), objects_(parts_.index, parts_.in_use),
      report_(builder_.build(false)), jobs_(parts_.clock, parts_.log, parts_.events),
      desk_(parts_.clock, parts_.log, [this] { look(); }) {}

Administrator::~Administrator() {
    stop();
}

void Administrator::start() {
    jobs_.start();
    desk_.start();
}

void Administrator::ask_to_stop() {
    stopping_ = true;
    jobs_.ask_to_stop();
    desk_.hurry();
}

void Administrator::stop() {
    ask_to_stop();
    jobs_.stop();
    desk_.stop();
    listen({});
}

bool Administrator::making_progress() {
    // Both are asked each time: moved() remembers what it saw.
    const bool desk = desk_.progress().moved();
    const bool jobs = jobs_.progress().moved();
    return desk && jobs;
}

void Administrator::look() {
    std::shared_ptr<const CacheReport> now = builder_.build(stopping_);
    std::shared_ptr<const CacheReport> before;
    {
        const std::lock_guard lock(mutex_);
        before = std::exchange(report_, now);
    }
    const bool expired = jobs_.expire();
    if (expired || differs(*before, *now))
        parts_.events.call();
    if (parts_.reported)
        parts_.reported(*now);
}

std::shared_ptr<const CacheReport> Administrator::report() const {
    const std::lock_guard lock(mutex_);
    return report_;
}

std::string Administrator::metrics() const {
    return parts_.metrics ? parts_.metrics(*report()) : std::string();
}

template<typename T>
void Administrator::ask(const Answer<T>& answer, std::function<std::expected<T, Refusal>()> find) {
    desk_.ask({[answer, find = std::move(find)] {
                   answer(find());
                   return false;
               },
               [answer](const Refusal& refusal) {
                   answer(std::unexpected(refusal));
               }});
}

void Administrator::make_change(const Answer<void>& answer,
                                std::function<std::expected<void, Refusal>()> make) {
    desk_.ask({[this, answer, make = std::move(make)] {
                   if (std::expected<void, Refusal> made = make(); made)
                       look_anew(answer);
                   else
                       answer(std::move(made));
                   return false;
               },
               [answer](const Refusal& refusal) {
                   answer(std::unexpected(refusal));
               }});
}

void Administrator::look_anew(Answer<void> answer) {
    desk_.hurry([answer = std::move(answer)] { answer({}); });
}

void Administrator::cull(CullRequest request, Answer<JobId> answer) {
    ask<JobId>(answer, [this, request = std::move(request)] { return begin(request); });
}

void Administrator::purge(PurgeRequest request, Answer<JobId> answer) {
    ask<JobId>(answer, [this, request = std::move(request)] { return begin(request); });
}

std::expected<JobId, Refusal> Administrator::begin(const CullRequest& request) {
    const std::expected<RemovalOrder::What, Refusal> what = understand(request);
    if (!what)
        return std::unexpected(what.error());
    return jobs_.add(JobKind::cull, removal_work(parts_.cull, *what));
}

std::expected<RemovalOrder::What, Refusal> Administrator::understand(const CullRequest& request) {
    if (!request.bytes && !request.objects && !request.older_than)
        return refuse(Refusal::Kind::invalid,
                      "how much is to go? bytes, files or older-than has to be given");
    if (request.older_than && *request.older_than < 0)
        return refuse(Refusal::Kind::invalid, "older-than is negative");
    if (std::optional<Refusal> refusal = offline())
        return std::unexpected(*std::move(refusal));
    RemovalOrder::What what;
    what.bytes = request.bytes.value_or(0);
    what.objects = request.objects.value_or(0);
    what.older_than = request.older_than;
    what.dry_run = request.dry_run;
    if (request.volume) {
        const std::expected<index::Volume, Refusal> named = volume(*request.volume);
        if (!named)
            return std::unexpected(named.error());
        if (pinned(*named))
            return refuse(Refusal::Kind::invalid,
                          fmt::format("volume {} is pinned: take the pin away, or purge it",
                                      bytes_text(named->key)));
        what.only = named->id;
    }
    return what;
}

std::expected<JobId, Refusal> Administrator::begin(const PurgeRequest& request) {
    if (std::optional<Refusal> refusal = offline())
        return std::unexpected(*std::move(refusal));
    RemovalOrder::What what;
    what.everything = true;
    what.dry_run = request.dry_run;
    if (request.volume) {
        const std::expected<index::Volume, Refusal> named = volume(*request.volume);
        if (!named)
            return std::unexpected(named.error());
        what.only = named->id;
    }
    return jobs_.add(JobKind::purge, removal_work(parts_.cull, what));
}

/// Why nothing can be removed now.
std::optional<Refusal> Administrator::offline() const {
    if (!stopping_ && parts_.cull.status().online)
        return std::nullopt;
    return Refusal{Refusal::Kind::not_online,
                   stopping_ ? "the daemon is about to end"
                             : "the cache was lost, and is not online again yet; see the journal"};
}

std::expected<index::Volume, Refusal> Administrator::volume(const std::string& key) const {
    std::optional<index::Volume> found = parts_.index.volume(key);
    if (!found)
        return std::unexpected(no_such_volume(key));
    return *std::move(found);
}

bool Administrator::pinned(const index::Volume& volume) const {
    const cull::Limits limits = parts_.room.settings().limits;
    const cull::VolumeRule* const rule = cull::find_rule(limits.volumes, volume.key);
    return volume.pinned || (rule != nullptr && rule->pin);
}

std::expected<JobId, Refusal> Administrator::verify() {
    return jobs_.add(JobKind::verify, verify_work(parts_.index, parts_.compare));
}

void Administrator::dump(std::optional<std::string> volume, Fd output, Answer<JobId> answer) {
    // What a function holds has to be copyable.
    const auto shared = std::make_shared<Fd>(std::move(output));
    ask<JobId>(answer, [this, key = std::move(volume), shared]() -> std::expected<JobId, Refusal> {
        if (key && !parts_.index.volume(*key))
            return std::unexpected(no_such_volume(*key));
        return jobs_.add(JobKind::dump,
                         dump_work(parts_.index, parts_.in_use, key, std::move(*shared)));
    });
}

std::vector<JobReport> Administrator::jobs() const {
    return jobs_.jobs();
}

std::expected<void, Refusal> Administrator::cancel(JobId job) {
    return jobs_.cancel(job);
}

void Administrator::pause(bool paused, Answer<void> answer) {
    parts_.log.notice(paused ? "culling is paused" : "culling is resumed");
    parts_.room.pause(paused);
    parts_.cull.nudge();
    look_anew(std::move(answer));
}

void Administrator::set_limits(LimitChange change, Answer<void> answer) {
    make_change(answer, [this, change] { return this->change(change); });
}

std::expected<void, Refusal> Administrator::change(const LimitChange& change) {
    std::expected<cull::Limits, Refusal> limits = changed(parts_.room.settings().limits, change);
    if (!limits)
        return std::unexpected(limits.error());
    if (change.persistent) {
        if (!parts_.keep_limits)
            return refuse(Refusal::Kind::failed, "limits cannot be kept");
        if (const std::expected<void, std::string> kept = parts_.keep_limits(change); !kept)
            return refuse(Refusal::Kind::failed, kept.error());
    }
    std::optional<Refusal> refusal;
    parts_.room.change_limits([&](cull::Limits& now) { // which a reload may have changed meanwhile
        limits = changed(now, change);
        if (limits)
            now = *limits;
    });
    if (!limits)
        return std::unexpected(limits.error());
    for (const auto& [path, text] : texts_of(change))
        parts_.log.notice(fmt::format("{} is now {}{}", path, text,
                                      change.persistent ? ", and kept" : " until the next reload"));
    parts_.cull.nudge();
    return {};
}

void Administrator::pin(index::VolumeId volume, bool pinned, Answer<void> answer) {
    make_change(answer, [this, volume, pinned] { return change_pin(volume, pinned); });
}

std::expected<void, Refusal> Administrator::change_pin(index::VolumeId volume, bool pinned) {
    const std::optional<index::Volume> found = parts_.index.volume(volume);
    if (!found)
        return refuse(Refusal::Kind::no_such_volume, fmt::format("there is no volume {}", volume));
    parts_.index.pin(found->key, pinned);
    parts_.log.notice(fmt::format("volume {} is {}", bytes_text(found->key),
                                  pinned ? "pinned" : "not pinned any more"));
    parts_.cull.nudge();
    return {};
}

void Administrator::list(ObjectQuery query, Answer<ObjectPage> answer) {
    ask<ObjectPage>(answer, [this, query = std::move(query)] { return objects_.list(query); });
}

void Administrator::show(std::string volume, std::string name, Answer<ObjectReport> answer) {
    ask<ObjectReport>(answer, [this, volume = std::move(volume), name = std::move(name)] {
        std::expected<ObjectReport, Refusal> found = objects_.show(volume, name);
        if (found && parts_.examine)
            parts_.examine(*found);
        return found;
    });
}

void Administrator::ages(std::vector<Seconds> bounds, Answer<std::vector<Age>> answer) {
    const auto refuse_it = [answer](const Refusal& refusal) {
        answer(std::unexpected(refusal));
    };
    if (!std::ranges::is_sorted(bounds) || (!bounds.empty() && bounds.front() < 0)) {
        desk_.ask({[refuse_it] {
                       refuse_it({Refusal::Kind::invalid, "the bounds are not ascending ages"});
                       return false;
                   },
                   refuse_it});
        return;
    }
    const auto count = std::make_shared<AgeCount>(parts_.index, bounds, parts_.clock.now());
    desk_.ask({[answer, count] {
                   if (count->step())
                       return true;
                   answer(count->take());
                   return false;
               },
               refuse_it});
}

void Administrator::listen(std::function<void()> happened) {
    parts_.events.listen(std::move(happened));
}

std::vector<Event> Administrator::events() {
    return parts_.events.take();
}

} // namespace cachefiles::daemon::admin
