// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/file_io.hpp"
#include "tests/unit/cache/model_bench.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::tests {

/// Random clients, jobs in random order, and failures, on one model; what must always hold is
/// looked at after each step. The same seed gives the same run.
///
/// What another thread could do in the middle of a backend's call is done there, too. The truth
/// about contents is kept aside: a key has an epoch, which its invalidation advances; whoever reads
/// validly must find what was written in the present one, or nothing. The same holds for each block
/// of a content, however it is read: within an operation, or past the model as a client reads that
/// has the file and the map.
class Explorer final {
public:
    explicit Explorer(std::uint64_t seed);

    void step();
    /// The clients let go of everything, and the cache is withdrawn: the counts are at their base.
    void finish();

    [[nodiscard]] std::uint64_t reads() const { return reads_; }           ///< of contents, valid
    [[nodiscard]] std::uint64_t warm_reads() const { return warm_reads_; } ///< of present blocks
    [[nodiscard]] std::uint64_t marked_writes() const { return marked_writes_; }
    [[nodiscard]] const std::map<std::pair<char, char>, int>& transitions() const {
        return transitions_;
    }

private:
    static constexpr std::size_t clients = 8;
    static constexpr std::uint64_t block = cache::Content::block_size;

    /// A write that is under way, with or without its operation.
    struct Write {
        cache::WriteGrant grant;
        std::uint64_t epoch = 0; ///< of the data
        std::uint32_t cookie = 0;
    };
    /// One after another; each has one cookie at most, or waits for it.
    struct Client {
        std::string key;
        cache::CookiePtr cookie;
        bool acquiring = false;
        int uses = 0;
        std::vector<cache::OperationPtr> operations;
        std::map<const cache::Operation*, std::uint64_t> epochs; ///< when they were asked for
        std::shared_ptr<cache::BackendFile> open; ///< for warm reads; it may have ended
        std::vector<Write> writes;
        int resizing = 0; ///< no write may overtake it
    };
    struct Truth { ///< what the server has
        std::uint64_t epoch = 1;
        std::string aux = "a0";
        std::uint64_t size = 0;
    };

    [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }

    void act();
    void during_call();
    void run_job();
    void act_on_cache();
    void act_on_volume();
    void act_as(Client& client);
    void act_on_cookie(Client& client);
    void acquire(Client& client);
    void begin(Client& client);
    void end(Client& client, std::size_t which);
    void invalidate(Client& client);
    void fail_something();
    void resize(Client& client);
    void close(Client& client);
    void let_go(Client& client);

    // explorer_contents.cpp
    void read_or_write(Client& client, const cache::OperationPtr& operation, bool write);
    void act_on_content(Client& client);
    void open(Client& client, const cache::OperationPtr& operation);
    void prepare(Client& client, const cache::OperationPtr& operation);
    void commit(Client& client);
    void read_warm(const Client& client);
    void plan(const Client& client);
    void modify(Client& client, const cache::OperationPtr& operation);

    void changed(const cache::Cookie& cookie, protocol::CookieState from);
    void check();
    void check_cookie(const protocol::CookieEntry& entry);

    std::mt19937_64 random_;
    SimulatedClock clock_;
    RecordingLog log_;
    ScriptedExecutor executor_{clock_};
    FakeDisk disk_;
    std::map<std::pair<char, char>, int> transitions_;
    std::set<std::uint32_t> dropped_;
    cache::Model model_;
    cache::CachePtr cache_;
    bool dead_ = false;
    bool withdrawing_ = false;
    cache::VolumePtr volume_;
    bool acquiring_volume_ = false;
    std::array<Client, clients> clients_;
    std::map<std::string, Truth> truth_; ///< by key
    unsigned depth_ = 0;
    std::uint64_t reads_ = 0;
    std::uint64_t warm_reads_ = 0;
    std::uint64_t marked_writes_ = 0;
    std::uint64_t last_aux_ = 0;
};

} // namespace cachefiles::tests
