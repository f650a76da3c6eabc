// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/removal.hpp"

#include "cull/saturating.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::cull {

Removal::Removal(Culler& culler, index::Index& index, const Clock& clock, RemovalRequest request)
    : culler_(culler), index_(index), clock_(clock), request_(std::move(request)) {}

std::optional<PassResult> Removal::step(const std::function<bool()>& go_on) {
    switch (stage_) {
    case Stage::ask:
        culler_.ask_in_use();
        if (request_.everything)
            request_.used_before = after_the_newest();
        walk_.emplace(index_, request_, clock_.now());
        total_ = index_.totals().objects;
        stage_ = Stage::walk;
        return std::nullopt;
    case Stage::walk:
        if (!go_on())
            return PassResult::stopped;
        return step_walk();
    case Stage::old:
    case Stage::amounts:
        return step_run(go_on);
    case Stage::ended:
        break;
    }
    return PassResult::satisfied;
}

std::optional<PassResult> Removal::step_walk() {
    if (walk_->step())
        return std::nullopt;
    stage_ = Stage::old;
    if (!request_.dry_run && walk_->objects() > 0)
        return std::nullopt;
    stage_ = Stage::ended;
    count_in_use();
    const bool enough = walk_->bytes() >= request_.bytes && walk_->objects() >= request_.objects;
    return enough ? PassResult::satisfied : PassResult::stalled;
}

std::optional<PassResult> Removal::step_run(const std::function<bool()>& go_on) {
    if (!run_)
        run_ = std::make_unique<Culler::Run>(culler_, demand(), request_.except,
                                             request_.pinned_too, request_.min_age);
    const std::optional<PassResult> end = run_->step(go_on);
    if (!end)
        return std::nullopt;
    const PassReport& report = run_->report();
    done_.objects += report.objects;
    done_.bytes += report.bytes;
    done_.busy += report.busy;
    done_.graveyard_objects += report.graveyard_objects;
    done_.graveyard_bytes += report.graveyard_bytes;
    run_.reset();
    const bool more = done_.bytes < request_.bytes || done_.objects < request_.objects;
    if (stage_ == Stage::old && more &&
        (*end == PassResult::satisfied || *end == PassResult::stalled)) {
        stage_ = Stage::amounts;
        return std::nullopt;
    }
    stage_ = Stage::ended;
    count_in_use();
    return end;
}

/// What is old first; what it was counts towards the amounts.
Demand Removal::demand() const {
    Demand demand;
    demand.reason = Reason::request;
    demand.only = request_.only;
    if (stage_ == Stage::old && request_.used_before) {
        demand.used_before = request_.used_before;
        return demand;
    }
    demand.bytes = saturating::subtract(request_.bytes, done_.bytes);
    demand.objects = saturating::subtract(request_.objects, done_.objects);
    return demand;
}

bool Removal::concerns(const index::Volume& volume) const {
    return (request_.only == 0 || request_.only == volume.id) &&
           (request_.pinned_too || !volume.pinned) &&
           std::ranges::find(request_.except, volume.id) == request_.except.end();
}

/// Whatever is used from now on stays, or there would be no end.
Seconds Removal::after_the_newest() const {
    Seconds newest = clock_.now();
    for (const index::Volume& volume : index_.volumes()) {
        if (concerns(volume))
            newest = std::max(newest, volume.newest_use);
    }
    return newest + 1;
}

void Removal::count_in_use() {
    if (!request_.everything)
        return;
    for (const index::Volume& volume : index_.volumes()) {
        if (concerns(volume))
            in_use_ += volume.totals.in_use;
    }
}

Removal::Progress Removal::progress() const {
    constexpr unsigned all = 10'000;
    Progress progress;
    if (request_.dry_run) {
        progress.objects = expected();
        progress.bytes = walk_ ? walk_->bytes() : 0;
    } else {
        progress.objects = done_.objects + (run_ ? run_->report().objects : 0);
        progress.bytes = done_.bytes + (run_ ? run_->report().bytes : 0);
        progress.busy = done_.busy + (run_ ? run_->report().busy : 0);
    }
    if (request_.everything && stage_ == Stage::ended)
        progress.busy = in_use_; // those that were met are among them
    const std::uint64_t whole = request_.dry_run ? total_ : expected();
    const std::uint64_t part = std::min(progress.objects, whole);
    if (stage_ == Stage::ended)
        progress.permyriad = all;
    else if (whole > 0)
        progress.permyriad = static_cast<unsigned>(saturating::multiply(part, all) / whole);
    return progress;
}

bool Removal::removes(std::uint64_t objects) const {
    const bool now = stage_ == Stage::old || stage_ == Stage::amounts;
    return now && expected() > objects + progress().objects;
}

Removal::Buried Removal::take_buried() {
    Buried now{done_.graveyard_objects, done_.graveyard_bytes};
    if (run_) {
        now.objects += run_->report().graveyard_objects;
        now.bytes += run_->report().graveyard_bytes;
    }
    const Buried before = std::exchange(taken_, now);
    return {now.objects - before.objects, now.bytes - before.bytes};
}

} // namespace cachefiles::cull
