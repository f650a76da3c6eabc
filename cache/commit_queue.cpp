// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/commit_queue.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <system_error>
#include <utility>

namespace cachefiles::cache {
CommitQueue::CommitQueue(Options options) : options_(std::move(options)) {
    if (options_.interval.count() > 0)
        thread_ = std::thread([this] { run(); });
}

CommitQueue::~CommitQueue() {
    stop();
}

void CommitQueue::stop() {
    std::thread thread;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        thread = std::move(thread_);
    }
    change_.notify_all();
    if (thread.joinable())
        thread.join();
    const std::lock_guard alone(flushing_); // by another thread
    std::unordered_map<const CommitTarget*, Entry> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(waiting_);
    bytes_ = fresh_bytes_ = 0;
}

void CommitQueue::add(const std::shared_ptr<CommitTarget>& target, const Content::Blocks& blocks) {
    std::unique_lock lock(mutex_);
    if (stopped_ || target->withdrawn_)
        return;
    const bool first = waiting_.empty();
    Entry& entry = waiting_[target.get()];
    entry.target = target;
    for (std::uint64_t block = blocks.first, left = blocks.count; left > 0;) {
        const std::uint64_t number = block / index::ContentMap::blocks;
        if (number > std::numeric_limits<std::uint32_t>::max())
            break; // the index has no numbers for them
        const std::uint64_t here =
            std::min(left, index::ContentMap::blocks - block % index::ContentMap::blocks);
        entry.maps[static_cast<std::uint32_t>(number)].set(block % index::ContentMap::blocks, here);
        block += here;
        left -= here;
    }
    note_fresh(entry, blocks);
    bytes_ += blocks.count * Content::block_size;
    fresh_bytes_ += blocks.count * Content::block_size;
    const bool much = fresh_bytes_ >= options_.begin_bytes || bytes_ >= options_.bytes;
    lock.unlock();
    if (first || much)
        change_.notify_all();
}

/// Most clients store one piece after the other.
void CommitQueue::note_fresh(Entry& entry, const Content::Blocks& blocks) {
    if (!entry.fresh.empty()) {
        Content::Blocks& last = entry.fresh.back();
        if (last.first + last.count == blocks.first) {
            last.count += blocks.count;
            return;
        }
    }
    entry.fresh.push_back(blocks);
}

void CommitQueue::run() {
    Lock lock(mutex_);
    while (!stopped_) {
        change_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        wait_for_batch(lock);
        if (stopped_)
            return;
        lock.unlock();
        const bool done = flush();
        lock.lock();
        if (!done) // not before the interval is over, however much there is
            change_.wait_for(lock, options_.interval, [this] { return stopped_; });
    }
}

/// Until the interval is over, or there is much.
void CommitQueue::wait_for_batch(Lock& lock) {
    const auto end = std::chrono::steady_clock::now() + options_.interval;
    bool waits = true;
    while (waits) {
        waits = change_.wait_until(lock, end, [this] {
            return stopped_ || bytes_ >= options_.bytes || fresh_bytes_ >= options_.begin_bytes;
        });
        waits = waits && !stopped_ && bytes_ < options_.bytes;
        if (waits)
            begin_sync(lock);
    }
}

void CommitQueue::begin_sync(Lock& lock) {
    std::vector<std::pair<std::shared_ptr<CommitTarget>, std::vector<Content::Blocks>>> all;
    for (auto& [target, entry] : waiting_) {
        if (!entry.fresh.empty())
            all.emplace_back(entry.target, std::exchange(entry.fresh, {}));
    }
    fresh_bytes_ = 0;
    lock.unlock();
    for (const auto& [target, fresh] : all) {
        for (const Content::Blocks& blocks : fresh)
            target->begin_sync(blocks);
    }
    all.clear();
    lock.lock();
}

bool CommitQueue::flush() {
    const std::lock_guard alone(flushing_);
    Batch batch = take();
    if (batch.empty())
        return true;
    const auto start = std::chrono::steady_clock::now();
    sync(batch);
    bool all = true;
    for (const Entry& entry : batch) {
        if (entry.error == 0)
            continue;
        all = false;
        entry.target->sync_failed();
        if (options_.failed)
            options_.failed(entry.error);
    }
    const bool done = set(batch);
    if (options_.took)
        options_.took(std::chrono::steady_clock::now() - start);
    if (!done) {
        put_back(batch);
        return false;
    }
    const std::lock_guard lock(mutex_);
    in_flight_.clear();
    return all;
}

CommitQueue::Batch CommitQueue::take() {
    Batch batch;
    const std::lock_guard lock(mutex_);
    if (stopped_)
        return batch;
    batch.reserve(waiting_.size());
    for (auto& [target, entry] : waiting_) {
        in_flight_.insert(target);
        batch.push_back(std::move(entry));
    }
    waiting_.clear();
    bytes_ = fresh_bytes_ = 0;
    return batch;
}

void CommitQueue::sync(Batch& batch) const {
    std::atomic<std::size_t> next = 0;
    const auto work = [&batch, &next] {
        for (std::size_t at = next++; at < batch.size(); at = next++)
            batch[at].error = batch[at].target->sync();
    };
    std::vector<std::jthread> helpers;
    try {
        for (std::size_t more = 1; more < std::min(options_.threads, batch.size()); ++more)
            helpers.emplace_back(work);
    } catch (const std::system_error&) { // no more threads: fewer do it
    }
    work();
}

/// Those that were withdrawn meanwhile are left out.
bool CommitQueue::set(const Batch& batch) {
    const std::lock_guard setting(setting_);
    std::vector<index::MapUpdate> updates;
    {
        const std::lock_guard lock(mutex_);
        for (const Entry& entry : batch) {
            if (entry.error != 0 || !in_flight_.contains(entry.target.get()))
                continue;
            const CommitTarget::Identity identity = entry.target->identity();
            if (identity.object.value() == 0 || identity.content == 0)
                continue;
            for (const auto& [number, map] : entry.maps)
                updates.push_back({identity.object, identity.content, number, map});
        }
    }
    return updates.empty() || options_.set(updates);
}

void CommitQueue::put_back(Batch& batch) {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : batch) {
        const bool wanted = in_flight_.contains(entry.target.get()) && entry.error == 0;
        if (!wanted || stopped_)
            continue;
        Entry& waiting = waiting_[entry.target.get()];
        waiting.target = entry.target;
        for (const auto& [number, map] : entry.maps) {
            waiting.maps[number] |= map;
            bytes_ += map.count() * Content::block_size;
        }
    }
    in_flight_.clear();
}

bool CommitQueue::withdraw(CommitTarget& target) {
    const std::lock_guard setting(setting_);
    Entry dropped; // goes after the lock
    const std::lock_guard lock(mutex_);
    target.withdrawn_ = true;
    bool pending = in_flight_.erase(&target) != 0;
    if (const auto found = waiting_.find(&target); found != waiting_.end()) {
        dropped = std::move(found->second);
        waiting_.erase(found);
        pending = true;
        for (const auto& [number, map] : dropped.maps)
            bytes_ -= std::min(bytes_, map.count() * Content::block_size);
        for (const Content::Blocks& blocks : dropped.fresh)
            fresh_bytes_ -= std::min(fresh_bytes_, blocks.count * Content::block_size);
    }
    return pending;
}

std::uint64_t CommitQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

} // namespace cachefiles::cache
