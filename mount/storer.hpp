// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace cachefiles::mount {

class CachedFile;
struct Fetch;

/// Puts what was fetched into the cache, behind the backs of those who read it. What waits is
/// bounded; where the cache's disk is slower than the source, some is not stored.
class Storer final {
public:
    explicit Storer(std::uint64_t most_bytes);
    ~Storer();
    Storer(const Storer&) = delete;
    Storer& operator=(const Storer&) = delete;

    /// False: there is no room for it to wait.
    [[nodiscard]] bool submit(const std::shared_ptr<CachedFile>& file,
                              const std::shared_ptr<Fetch>& fetch);
    /// Less than half of the room is taken: more may be read ahead.
    [[nodiscard]] bool has_room();

    /// Stores what waits, and takes no more. Before the files' services go.
    void stop();

private:
    using Batch = std::vector<std::shared_ptr<Fetch>>;

    void run();

    const std::uint64_t most_bytes_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t bytes_ = 0;
    bool stopping_ = false;
    std::deque<std::shared_ptr<CachedFile>> order_; ///< files that have a batch
    std::unordered_map<const CachedFile*, Batch> batches_;
    std::vector<std::thread> threads_;
};

} // namespace cachefiles::mount
