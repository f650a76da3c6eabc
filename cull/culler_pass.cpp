// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/culler_pass.hpp"

#include "cull/saturating.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace cachefiles::cull {
namespace {

// Fewer busy objects than this are cheaper to run into than to ask about all that is in use.
constexpr std::uint64_t few_busy = 64;

/// Whether forgetting an object that was gone already brings the demand nearer.
bool is_about_totals(Reason reason) {
    return reason == Reason::max_size || reason == Reason::max_files || reason == Reason::volume;
}

} // namespace

Culler::Pass::Pass(Culler& culler, const Demand& demand, std::span<const index::VolumeId> pinned,
                   bool pinned_too, Seconds min_age)
    : culler_(culler), index_(culler.index_), demand_(demand),
      except_(pinned.begin(), pinned.end()), pinned_too_(pinned_too),
      used_before_(demand.used_before), totals_(index_.totals()), bytes_left_(demand.bytes),
      objects_left_(demand.objects) {
    unpublished_.passes = 1;
    except_.insert(except_.end(), demand.except.begin(), demand.except.end());
    if (min_age > 0) {
        const Seconds old_enough = culler.clock_.now() - min_age;
        used_before_ = std::min(used_before_.value_or(old_enough), old_enough);
    }
}

std::optional<PassResult> Culler::Pass::step(const std::function<bool()>& go_on) {
    std::optional<PassResult> end;
    if (met())
        end = PassResult::satisfied;
    else if (!begun_)
        end = begin(go_on);
    else
        end = go_on() ? next_batch() : PassResult::stopped;
    if (end)
        report_.result = *end;
    publish();
    return end;
}

std::optional<PassResult> Culler::Pass::begin(const std::function<bool()>& go_on) {
    if (demand_.only != 0 && excluded(demand_.only))
        return PassResult::stalled;
    if (culler_.states_.overdue())
        refreshed_ = culler_.states_.refresh();
    begun_ = true;
    return evict_volumes(go_on);
}

std::optional<PassResult> Culler::Pass::next_batch() {
    select();
    if (!victims_.empty())
        return evict_batch();
    if (demand_.used_before) // what is in use is not that old, whatever its last_use says
        return PassResult::satisfied;
    if (totals_.in_use + report_.busy == 0 || !refresh())
        return PassResult::stalled;
    return std::nullopt;
}

bool Culler::Pass::met() const {
    return bytes_left_ == 0 && objects_left_ == 0 && !demand_.used_before;
}

bool Culler::Pass::excluded(index::VolumeId volume) const {
    return std::find(except_.begin(), except_.end(), volume) != except_.end();
}

index::OldestQuery Culler::Pass::query(std::size_t limit) const {
    index::OldestQuery query;
    query.limit = limit;
    query.after = cursor_;
    if (demand_.only != 0)
        query.only = demand_.only;
    query.except = except_;
    query.unpinned = !pinned_too_;
    query.used_before = used_before_;
    return query;
}

/// The next victims: the oldest that together reach what is left of the demand, a batch at most.
void Culler::Pass::select() {
    std::vector<index::Object> page;
    victims_.clear();
    do {
        page = index_.oldest(query(page_size()));
        std::uint64_t bytes = bytes_left_;
        std::uint64_t objects = objects_left_;
        for (index::Object& object : page) {
            cursor_ = index::RecencyCursor::at(object);
            if (!failed_ids_.empty() && failed_ids_.contains(object.id.value()))
                continue;
            bytes = saturating::subtract(bytes, object.attributes.bytes);
            objects = saturating::subtract(objects, 1);
            victims_.push_back(std::move(object));
            if (bytes == 0 && objects == 0 && !demand_.used_before)
                break;
        }
    } while (victims_.empty() && !page.empty());
    std::sort(victims_.begin(), victims_.end(), // ids of one directory lie side by side
              [](const index::Object& a, const index::Object& b) { return a.id < b.id; });
}

/// How many objects to read: not a whole batch where a handful will do.
std::size_t Culler::Pass::page_size() const {
    if (demand_.used_before)
        return culler_.options_.batch;
    const std::uint64_t ample = saturating::add(saturating::multiply(expected_objects(), 2), 16);
    return static_cast<std::size_t>(std::min<std::uint64_t>(ample, culler_.options_.batch));
}

/// As many objects as make up what is left, if they are of average size; no more than there are.
std::uint64_t Culler::Pass::expected_objects() const {
    if (totals_.objects == 0)
        return 0;
    const std::uint64_t average = std::max<std::uint64_t>(totals_.bytes / totals_.objects, 1);
    return std::min(std::max(objects_left_, bytes_left_ / average), totals_.objects);
}

std::optional<PassResult> Culler::Pass::evict_batch() {
    culler_.say_started(demand_);
    outcomes_.assign(victims_.size(), Outcome{});
    culler_.evictor_.evict(victims_, outcomes_);
    const std::optional<PassResult> end = take_outcomes();
    write_outcomes();
    publish();
    index_.commit_if_due();
    if (end)
        return end;
    if (failed_ids_.size() > culler_.options_.batch || used_ > totals_.objects)
        return PassResult::stalled;
    if (report_.busy >= few_busy && report_.busy * 100 > tried_ * culler_.options_.busy_share)
        static_cast<void>(refresh()); // on failure the busy ones are found one by one, as before
    return std::nullopt;
}

std::optional<PassResult> Culler::Pass::take_outcomes() {
    std::optional<PassResult> end;
    tried_ += victims_.size();
    for (std::size_t i = 0; i < victims_.size(); ++i) {
        index::Object& victim = victims_[i];
        switch (outcomes_[i].verdict) {
        case Verdict::evicted:
            culled(1, victim.attributes.bytes);
            std::swap(victim, victims_[not_there_++]);
            break;
        case Verdict::gone:
            was_gone(1, victim.attributes.bytes);
            std::swap(victim, victims_[not_there_++]);
            break;
        case Verdict::busy:
            busy_.push_back(victim.id);
            break;
        case Verdict::used:
            ++used_;
            ++unpublished_.used;
            index_.touch(victim.id, outcomes_[i].last_use);
            break;
        case Verdict::failed:
            failed_.push_back(victim.id);
            failed_ids_.insert(victim.id.value());
            break;
        case Verdict::pending:
            end = end.value_or(PassResult::stopped);
            break;
        case Verdict::lost:
            end = PassResult::lost;
            break;
        }
    }
    return end;
}

void Culler::Pass::write_outcomes() {
    const Seconds now = culler_.clock_.now();
    if (not_there_ > 0)
        index_.forget(std::span<const index::Object>(victims_.data(), not_there_));
    if (!busy_.empty())
        index_.set_state(busy_, index::ObjectState::in_use, now);
    if (!failed_.empty())
        index_.set_state(failed_, index::ObjectState::idle, now);
    report_.busy += busy_.size();
    unpublished_.busy += busy_.size();
    unpublished_.failed += failed_.size();
    not_there_ = 0;
    busy_.clear();
    failed_.clear();
}

/// True when states were set anew; then the walk begins anew too: what was let go may be old.
bool Culler::Pass::refresh() {
    if (refreshed_ || !culler_.states_.refresh())
        return false;
    refreshed_ = true;
    cursor_ = {};
    return true;
}

void Culler::Pass::culled(std::uint64_t objects, std::uint64_t bytes) {
    objects_left_ = saturating::subtract(objects_left_, objects);
    bytes_left_ = saturating::subtract(bytes_left_, bytes);
    report_.objects += objects;
    report_.bytes += bytes;
    unpublished_.culled_objects += objects;
    unpublished_.culled_bytes += bytes;
}

void Culler::Pass::was_gone(std::uint64_t objects, std::uint64_t bytes) {
    unpublished_.gone += objects;
    if (!is_about_totals(demand_.reason))
        return;
    objects_left_ = saturating::subtract(objects_left_, objects);
    bytes_left_ = saturating::subtract(bytes_left_, bytes);
}

void Culler::Pass::publish() {
    culler_.count(unpublished_);
    unpublished_ = {};
}

} // namespace cachefiles::cull
