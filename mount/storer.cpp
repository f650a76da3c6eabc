// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/storer.hpp"

#include "mount/cached_file.hpp"
#include "mount/fetch.hpp"

#include <utility>

namespace cachefiles::mount {
namespace {

/// One waits for the daemon while the other writes.
constexpr std::size_t thread_count = 2;

} // namespace

Storer::Storer(std::uint64_t most_bytes) : most_bytes_(most_bytes) {
    for (std::size_t i = 0; i < thread_count; ++i)
        threads_.emplace_back([this] { run(); });
}

Storer::~Storer() {
    stop();
}

void Storer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : std::exchange(threads_, {}))
        thread.join();
}

bool Storer::submit(const std::shared_ptr<CachedFile>& file, const std::shared_ptr<Fetch>& fetch) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || bytes_ + fetch->data.size() > most_bytes_)
            return false;
        bytes_ += fetch->data.size();
        Batch& batch = batches_[file.get()];
        if (batch.empty())
            order_.push_back(file);
        batch.push_back(fetch);
    }
    wake_.notify_one();
    return true;
}

bool Storer::has_room() {
    const std::lock_guard lock(mutex_);
    return bytes_ < most_bytes_ / 2;
}

/// A file with all that waits of it: the source is asked once whether it has changed.
void Storer::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !order_.empty(); });
        if (order_.empty()) // stopping
            return;
        std::shared_ptr<CachedFile> file = std::move(order_.front());
        order_.pop_front();
        const Batch batch = std::move(batches_.extract(file.get()).mapped());
        lock.unlock();
        file->store(batch);
        file.reset(); // perhaps the last: its cookie is relinquished
        std::uint64_t bytes = 0;
        for (const std::shared_ptr<Fetch>& fetch : batch)
            bytes += fetch->data.size();
        lock.lock();
        bytes_ -= bytes;
    }
}

} // namespace cachefiles::mount
