// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/commit_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::cache;

namespace {

constexpr std::uint64_t block = Content::block_size;

/// What happened, in order.
class Journal {
public:
    void note(const std::string& what) {
        const std::lock_guard lock(mutex_);
        all_ += what + ',';
    }
    std::string take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(all_, {});
    }

private:
    std::mutex mutex_;
    std::string all_;
};

class FakeTarget final : public CommitTarget {
public:
    FakeTarget(Journal& journal, std::int64_t object) : journal_(journal), object_(object) {}

    [[nodiscard]] Identity identity() const override {
        return {index::ObjectId(object_), 100 + static_cast<std::uint64_t>(object_)};
    }
    void begin_sync(const Content::Blocks& blocks) override {
        journal_.note("begin " + std::to_string(object_) + ":" + std::to_string(blocks.first) +
                      "+" + std::to_string(blocks.count));
        if (begun)
            begun();
    }
    [[nodiscard]] int sync() override {
        journal_.note("sync " + std::to_string(object_));
        if (during_sync)
            during_sync();
        return error;
    }
    void sync_failed() override { journal_.note("bad " + std::to_string(object_)); }

    int error = 0;
    std::function<void()> during_sync;
    std::function<void()> begun;

private:
    Journal& journal_;
    std::int64_t object_;
};

struct QueueBench {
    Journal journal;
    bool room = true;
    int timed = 0;
    std::unique_ptr<CommitQueue> queue;

    explicit QueueBench(std::chrono::milliseconds interval = {}, std::uint64_t bytes = UINT64_MAX) {
        CommitQueue::Options options;
        options.set = [this](std::span<const index::MapUpdate> updates) {
            std::string text = "set";
            for (const index::MapUpdate& update : updates)
                text += " " + std::to_string(update.object.value()) + "/" +
                        std::to_string(update.content) + ":" + std::to_string(update.map_no) + "=" +
                        std::to_string(update.bits.count());
            journal.note(text);
            return room;
        };
        options.failed = [this](int error) {
            journal.note("failed " + std::to_string(error));
        };
        options.took = [this](std::chrono::nanoseconds took) {
            CHECK(took.count() >= 0);
            ++timed;
        };
        options.interval = interval;
        options.bytes = bytes;
        options.threads = 1; // so that the order of syncs is one
        queue = std::make_unique<CommitQueue>(std::move(options));
    }
    std::shared_ptr<FakeTarget> target(std::int64_t object) {
        return std::make_shared<FakeTarget>(journal, object);
    }
};

} // namespace

TEST_SUITE_BEGIN("cache::CommitQueue");

TEST_CASE("the data of all files is on the disk before any block is set, in one transaction") {
    QueueBench bench;
    const auto a = bench.target(1), b = bench.target(2);
    bench.queue->add(a, {0, 2});
    bench.queue->add(b, {4095, 2});
    bench.queue->add(a, {1, 2});
    CHECK(bench.queue->waiting() == 6 * block);
    CHECK(bench.journal.take().empty());
    CHECK(bench.queue->flush());
    const std::string seen = bench.journal.take();
    const std::size_t set = seen.find("set ");
    CHECK(seen.find("sync 1") < set);
    CHECK(seen.find("sync 2") < set);
    CHECK(seen.find("1/101:0=3") != std::string::npos);
    CHECK(seen.find("2/102:0=1 2/102:1=1") != std::string::npos);
    CHECK(seen.find("set ", set + 1) == std::string::npos);
    CHECK(bench.queue->waiting() == 0);
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take().empty());
    CHECK(bench.timed == 1); // there was nothing to do the second time
}

TEST_CASE("blocks of a file that cannot be brought to the disk are not set") {
    QueueBench bench;
    const auto a = bench.target(1), b = bench.target(2);
    a->error = EIO;
    bench.queue->add(a, {0, 1});
    bench.queue->add(b, {0, 1});
    CHECK_FALSE(bench.queue->flush());
    const std::string seen = bench.journal.take();
    CHECK(seen.find("bad 1,failed 5,set 2/102:0=1,") != std::string::npos);
    CHECK(bench.queue->flush()); // it is not tried again: the page cache may have lost them
    CHECK(bench.journal.take().empty());
}

TEST_CASE("blocks that cannot be set wait, and are tried again") {
    QueueBench bench;
    const auto a = bench.target(1);
    bench.room = false;
    bench.queue->add(a, {0, 3});
    CHECK_FALSE(bench.queue->flush());
    CHECK(bench.queue->waiting() == 3 * block);
    bench.queue->add(a, {7, 1});
    bench.journal.take();
    bench.room = true;
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take() == "sync 1,set 1/101:0=4,");
}

TEST_CASE("a block that is added while its file is brought to the disk waits for the next time") {
    QueueBench bench;
    const auto a = bench.target(1);
    a->during_sync = [&] {
        a->during_sync = nullptr;
        bench.queue->add(a, {9, 1});
    };
    bench.queue->add(a, {0, 1});
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take() == "sync 1,set 1/101:0=1,");
    CHECK(bench.queue->waiting() == block);
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take() == "sync 1,set 1/101:0=1,");
}

TEST_CASE("nothing is set of a file that was withdrawn, whenever") {
    QueueBench bench;
    const auto a = bench.target(1), b = bench.target(2);
    SUBCASE("before") {
        bench.queue->add(a, {0, 1});
        CHECK(bench.queue->withdraw(*a));
        CHECK(bench.queue->flush());
        CHECK(bench.journal.take().empty());
    }
    SUBCASE("while it is brought to the disk") {
        bench.queue->add(a, {0, 1});
        a->during_sync = [&] {
            CHECK(bench.queue->withdraw(*a));
        };
        CHECK(bench.queue->flush());
        CHECK(bench.journal.take() == "sync 1,");
    }
    SUBCASE("what is added afterwards comes too late") {
        bench.queue->add(b, {0, 1});
        CHECK(bench.queue->flush());
        CHECK_FALSE(bench.queue->withdraw(*b)); // all of it has been set
        bench.queue->add(b, {1, 1});
        CHECK(bench.queue->waiting() == 0);
    }
    CHECK(bench.queue->waiting() == 0);
}

TEST_CASE("a file without a row is brought to the disk, and has nothing to set") {
    QueueBench bench;
    const auto a = bench.target(0);
    bench.queue->add(a, {0, 1});
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take() == "sync 0,");
}

TEST_CASE("what the index has no numbers for is left out") {
    QueueBench bench;
    const auto a = bench.target(1);
    bench.queue->add(a, {(std::uint64_t{1} << 32) * 4096 - 1, 5});
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take() == "sync 1,set 1/101:4294967295=1,");
}

TEST_CASE("after the end nothing is accepted") {
    QueueBench bench;
    const auto a = bench.target(1);
    bench.queue->add(a, {0, 1});
    bench.queue->stop();
    bench.queue->add(a, {1, 1});
    CHECK(bench.queue->waiting() == 0);
    CHECK(bench.queue->flush());
    CHECK(bench.journal.take().empty());
    CHECK(a.use_count() == 1);
}

TEST_CASE("a queue with an interval does it by itself, at once if there is much") {
    std::mutex mutex;
    std::condition_variable change;
    bool set = false;
    CommitQueue::Options options;
    options.set = [&](std::span<const index::MapUpdate>) {
        const std::lock_guard lock(mutex);
        set = true;
        change.notify_all();
        return true;
    };
    SUBCASE("after the interval") {
        options.interval = std::chrono::milliseconds(1);
    }
    SUBCASE("when there is much") {
        options.interval = std::chrono::hours(1);
        options.bytes = 2 * block;
    }
    Journal journal;
    CommitQueue queue(std::move(options));
    queue.add(std::make_shared<FakeTarget>(journal, 1), {0, 2});
    std::unique_lock lock(mutex);
    change.wait(lock, [&] { return set; });
    CHECK(set);
}

TEST_CASE("the disk begins with what is added before anybody waits for it") {
    Journal journal;
    std::latch begun(2);
    const auto a = std::make_shared<FakeTarget>(journal, 1);
    a->begun = [&begun] {
        begun.count_down();
    };
    CommitQueue::Options options;
    options.set = [](std::span<const index::MapUpdate>) {
        return true;
    };
    options.interval = std::chrono::hours(1);
    options.begin_bytes = 3 * block;
    CommitQueue queue(std::move(options));
    queue.add(a, {4, 1});
    queue.add(a, {5, 1}); // one piece with the one before
    queue.add(a, {1, 1});
    begun.wait();
    CHECK(journal.take() == "begin 1:4+2,begin 1:1+1,");
    CHECK(queue.waiting() == 3 * block); // and they are not durable by that
    CHECK(queue.flush());
    CHECK(journal.take() == "sync 1,");
}

TEST_CASE("several threads add, flush and withdraw") {
    Journal journal;
    std::atomic<std::uint64_t> blocks = 0;
    std::atomic<unsigned> calls = 0;
    CommitQueue::Options options;
    options.interval = std::chrono::milliseconds(1);
    options.bytes = 8 * block;
    options.set = [&](std::span<const index::MapUpdate> updates) {
        for (const index::MapUpdate& update : updates)
            blocks += update.bits.count();
        return ++calls % 3 != 0;
    };
    CommitQueue queue(std::move(options));
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (int round = 0; round < 50; ++round) {
                    const auto target =
                        std::make_shared<FakeTarget>(journal, thread * 100 + round + 1);
                    queue.add(target, {0, 3});
                    if (round % 3 == 0)
                        (void)queue.flush();
                    if (round % 2 == 0)
                        (void)queue.withdraw(*target);
                }
            });
    }
    while (!queue.flush()) {
    }
    CHECK(queue.waiting() == 0);
    CHECK(blocks > 0);
}

TEST_SUITE_END();
