// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/client/client_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <latch>
#include <random>
#include <thread>

namespace cachefiles::tests {
namespace {

/// A source that changes while it is read. The version is in each 8 bytes.
struct Changing {
    static constexpr std::uint64_t size = 3 * block + 800;
    std::atomic<std::uint64_t> version{1};
    std::atomic<std::uint64_t> known{1}; ///< everything older is void
    std::atomic<int> reads{0};

    static ssize_t fetch(void* context, void* buffer, size_t length, uint64_t start) {
        Changing& self = *static_cast<Changing*>(context);
        ++self.reads;
        Source source;
        source.size = size;
        source.version = self.version;
        const std::string bytes = source.content(start, length);
        std::memcpy(buffer, bytes.data(), bytes.size());
        return static_cast<ssize_t>(bytes.size());
    }

    /// Of an aligned range: in its place, and not older than that.
    static bool right(const std::string& bytes, std::uint64_t start, std::uint64_t oldest) {
        for (std::size_t i = 0; i < bytes.size(); i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + i, 8);
            if (word >> 16 != (start + i) / 8 || (word & 0xFFFF) < oldest)
                return false;
        }
        return true;
    }
};

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "threads: a block that all want is got once") {
    open();
    constexpr int count = 8;
    std::latch together(count);
    Changing changing;
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            together.arrive_and_wait();
            std::string bytes(800, '?');
            const std::uint64_t start = block + static_cast<std::uint64_t>(i) * 800;
            CHECK(cachefiles_read_through(cookie, bytes.data(), bytes.size(), start,
                                          &Changing::fetch, &changing) == 800);
            CHECK(Changing::right(bytes, start, 1));
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK(changing.reads == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "threads: nothing is read that was void before the read began") {
    source.size = Changing::size;
    open();
    Changing changing;
    std::atomic<bool> done = false;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            std::minstd_rand random(i + 1);
            while (!done) {
                const std::uint64_t start = random() % Changing::size / 8 * 8;
                std::string bytes(random() % 4 == 0 ? 2 * block : 4096, '?');
                const std::uint64_t oldest = changing.known;
                const ssize_t count = cachefiles_read_through(cookie, bytes.data(), bytes.size(),
                                                              start, &Changing::fetch, &changing);
                REQUIRE(count > 0);
                bytes.resize(static_cast<std::size_t>(count));
                REQUIRE(Changing::right(bytes, start, oldest));
            }
        });
    }
    for (int i = 0; i < 200; ++i) {
        const std::uint64_t version = ++changing.version;
        if (i % 3 == 0)
            daemon.discard_data("key"); // something has to be stored now and then
        const std::string aux = std::to_string(version);
        CHECK(cachefiles_invalidate(cookie, aux.data(), aux.size(), Changing::size, 0) == 0);
        changing.known = version;
        if (i % 50 == 49)
            daemon.drop_clients();
        std::this_thread::yield();
    }
    done = true;
    for (std::thread& thread : threads)
        thread.join();
}

TEST_CASE_FIXTURE(ClientFixture,
                  "threads: cookies that come and go, uses that cross, a daemon that dies") {
    open();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            Changing changing;
            for (int round = 0; round < 50; ++round) {
                const std::string key = std::to_string(i);
                cachefiles_cookie* mine = nullptr;
                REQUIRE(cachefiles_acquire_cookie(volume, key.data(), key.size(), "v", 1,
                                                  Changing::size, &mine) == 0);
                CHECK(cachefiles_use(mine, round % 2 == 0 ? CACHEFILES_MODIFY : 0) == 0);
                CHECK(cachefiles_use(cookie, 0) == 0); // everybody's
                std::string bytes(8000, '?');
                CHECK(cachefiles_read_through(mine, bytes.data(), 8000, block - 4000,
                                              &Changing::fetch, &changing) == 8000);
                CHECK(Changing::right(bytes, block - 4000, 1));
                CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
                CHECK(cachefiles_unuse(mine, nullptr, 0, nullptr) == 0);
                cachefiles_relinquish_cookie(mine, round % 3 == 0 ? 1 : 0);
                if (i == 0 && round % 10 == 9)
                    daemon.drop_clients();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    wait_online();
    while (plan(0, 1).source == CACHEFILES_DOWNLOAD) {
    }
    CHECK(daemon.use_of("key")->uses == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "threads: more requests at a time than the daemon may be asked") {
    open();
    constexpr int count = 100;
    daemon.react([](const FakeDaemon::Request& request) {
        const bool held = std::holds_alternative<protocol::netfs::Update>(request);
        return FakeDaemon::Reaction{held ? FakeDaemon::Reaction::Kind::hold
                                         : FakeDaemon::Reaction::Kind::normal};
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] { CHECK(cachefiles_update(cookie, "v", 1, nullptr) == 0); });
    daemon.wait_for(FakeDaemon::Type::update, 32);
    CHECK(daemon.count(FakeDaemon::Type::update) == 32); // the rest waits for these
    daemon.react(nullptr);
    daemon.release();
    for (std::thread& thread : threads)
        thread.join();
    CHECK(daemon.count(FakeDaemon::Type::update) == count);
}

} // namespace cachefiles::tests
