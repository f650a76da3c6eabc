// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/netfs/session_bench.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::tests;

namespace {

/// All that a client can do, one after another. Steps get the numbers that the session gave.
struct Script {
    explicit Script(SessionBench& of) : bench(of) {}

    SessionBench& bench;
    TestClient client{bench, 1000, false};
    std::uint32_t volume = 0;
    std::uint32_t cookie = 0;
    std::uint64_t generation = 0;
    std::uint64_t grant = 0;

    /// Takes the numbers from what has come.
    void look() {
        for (const wire::Reply& reply : client.channel->replies) {
            if (const auto* const got = std::get_if<wire::AcquireVolumeReply>(&reply.body))
                volume = got->volume;
            if (const auto* const got = std::get_if<wire::AcquireCookieReply>(&reply.body))
                cookie = got->cookie;
            if (const auto* const got = std::get_if<wire::OpenReply>(&reply.body))
                generation = got->generation;
            if (const auto* const got = std::get_if<wire::PrepareWriteReply>(&reply.body))
                grant = got->grant;
        }
        client.channel->replies.clear();
    }

    std::vector<std::function<wire::Request()>> steps{
        [] { return wire::Hello{}; },
        [] { return wire::AcquireVolume{.key = "v"}; },
        [this] {
            return wire::AcquireCookie{.volume = volume, .key = "k", .aux = "a", .size = 1 << 20};
        },
        [this] { return wire::Use{.cookie = cookie, .will_modify = true}; },
        [this] { return wire::Use{.cookie = cookie}; },
        [this] { return wire::Open{.cookie = cookie}; },
        [this] {
            return wire::PrepareWrite{.cookie = cookie, .generation = generation, .length = 1};
        },
        [this] { return wire::CommitWrite{.grant = grant, .length = wire::block_size}; },
        [this] {
            return wire::PrepareWrite{.cookie = cookie,
                                      .purpose = wire::WritePurpose::modify,
                                      .generation = generation,
                                      .length = 5};
        },
        [this] { return wire::Resize{.cookie = cookie, .size = 5}; },
        [this] { return wire::Invalidate{.cookie = cookie, .aux = "b", .size = 7}; },
        [this] { return wire::Open{.cookie = cookie}; },
        [this] { return wire::Unuse{.cookie = cookie}; },
        [this] { return wire::Unuse{.cookie = cookie, .aux = "c"}; },
        [this] { return wire::RelinquishCookie{.cookie = cookie}; },
        [this] { return wire::AcquireCookie{.volume = volume, .key = "k", .aux = "c"}; },
        [this] { return wire::RelinquishCookie{.cookie = cookie, .retire = true}; },
        [this] { return wire::RelinquishVolume{.volume = volume}; },
        [] { return wire::AcquireVolume{.key = "v"}; },
    };

    /// So many steps; after the last of them so many jobs.
    void run(std::size_t count, std::size_t jobs) {
        for (std::size_t step = 0; step < count; ++step) {
            client.send(steps[step]());
            if (step + 1 < count)
                bench.executor.run_all();
            look();
        }
        for (; jobs > 0 && bench.executor.pending() > 0; --jobs)
            bench.executor.run();
    }
};

} // namespace

TEST_CASE("a client can die at any point, and leaves nothing behind") {
    const std::size_t steps = [] {
        SessionBench bench;
        return Script(bench).steps.size();
    }();
    int points = 0;
    for (std::size_t step = 1; step <= steps; ++step) {
        for (std::size_t jobs = 0;; ++jobs) {
            CAPTURE(step);
            CAPTURE(jobs);
            SessionBench bench;
            Script script(bench);
            script.run(step, jobs);
            const bool last = bench.executor.pending() == 0;
            script.client.session->end();
            bench.check_base();
            TestClient next(bench); // everything can be had again
            const std::uint32_t cookie = next.used_cookie(next.volume());
            CHECK(next.error(wire::Open{.cookie = cookie}) == 0);
            ++points;
            if (last)
                break;
        }
    }
    CHECK(points > 40);
}

TEST_CASE("a client can die while its cache is being withdrawn") {
    for (std::size_t jobs = 0; jobs < 12; ++jobs) {
        CAPTURE(jobs);
        SessionBench bench;
        Script script(bench);
        script.run(9, 100);
        bool done = false;
        CHECK(bench.model.withdraw_cache(bench.cache, [&done] { done = true; }));
        for (std::size_t i = 0; i < jobs && bench.executor.pending() > 0; ++i)
            bench.executor.run();
        script.client.session->end();
        bench.check_base();
        CHECK(done);
    }
}

TEST_CASE("what a dead client was reading is kept") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t cookie = client.used_cookie(client.volume());
    client.open(cookie);
    client.session->end();
    bench.check_base();
    CHECK(bench.disk.files.contains({"v", "k"}));
}

TEST_CASE("what a dead client was modifying is not") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.used_cookie(volume, "modifying", true);
    client.open(cookie);
    const std::uint32_t done = client.used_cookie(volume, "modified", true);
    client.open(done);
    CHECK(client.error(wire::Unuse{.cookie = done, .aux = "b"}) == 0);
    client.session->end();
    bench.check_base();
    CHECK(!bench.disk.files.contains({"v", "modifying"}));
    CHECK(bench.disk.files.at({"v", "modified"}).coherency.aux == "b");
}

TEST_CASE("limits of a client, and of all") {
    netfs::Limits limits;
    limits.client = {.volumes = 2,
                     .cookies = 3,
                     .files = 2,
                     .grants = 2,
                     .granted_bytes = 3 * wire::block_size,
                     .arena_bytes = 1 << 20,
                     .queued_bytes = 1 << 20};
    limits.total = limits.client;
    limits.total.volumes = 3;
    limits.uses = 4;
    limits.grant_bytes = 2 * wire::block_size;
    SessionBench bench(limits);
    TestClient client(bench);
    const std::uint32_t v = client.volume("v");
    const std::uint32_t w = client.volume("w");
    CHECK(client.error(wire::AcquireVolume{.key = "x"}) == EMFILE);
    TestClient other(bench);
    other.volume("x");
    CHECK(other.error(wire::AcquireVolume{.key = "y"}) == ENFILE);
    CHECK(client.error(wire::RelinquishVolume{.volume = w}) == 0);
    bench.executor.run_all();
    client.volume("y");

    const std::uint32_t a = client.used_cookie(v, "a");
    const std::uint32_t b = client.used_cookie(v, "b");
    const std::uint32_t c = client.cookie(v, "c");
    CHECK(client.error(wire::AcquireCookie{.volume = v, .key = "d"}) == EMFILE);
    CHECK(client.error(wire::Use{.cookie = c}) == EMFILE); // files
    CHECK(client.error(wire::Unuse{.cookie = b}) == 0);
    CHECK(client.error(wire::Use{.cookie = c}) == EMFILE); // b's is not closed yet
    bench.executor.advance(cache::Lru::default_timeout);
    bench.executor.run_all();
    CHECK(client.error(wire::Use{.cookie = c}) == 0);
    CHECK(client.error(wire::Use{.cookie = a}) == 0);
    CHECK(client.error(wire::Use{.cookie = a}) == 0);
    CHECK(client.error(wire::Use{.cookie = a}) == EMFILE); // uses

    const std::uint64_t generation = client.open(a).generation;
    const wire::PrepareWriteReply first = client.prepare(a, generation, 0, 1 << 20);
    CHECK(first.length == 2 * wire::block_size); // shortened
    CHECK(client.error(wire::PrepareWrite{.cookie = a,
                                          .generation = generation,
                                          .start = 2 * wire::block_size,
                                          .length = 1 << 20}) == EMFILE); // bytes
    client.prepare(a, generation, 2 * wire::block_size, 1);
    CHECK(client.error(wire::PrepareWrite{
              .cookie = a, .generation = generation, .start = 3 * wire::block_size, .length = 1}) ==
          EMFILE); // grants
    CHECK(client.error(wire::CommitWrite{.grant = first.grant}) == 0);
    client.prepare(a, generation, 3 * wire::block_size, 1);
    client.session->end();
    other.session->end();
    bench.check_base();
}

TEST_CASE("a relinquished cookie counts until it is gone") {
    netfs::Limits limits;
    limits.client.cookies = 1;
    SessionBench bench(limits);
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.used_cookie(volume);
    CHECK(client.error(wire::Unuse{.cookie = cookie}) == 0);
    client.send(wire::RelinquishCookie{.cookie = cookie});
    const std::uint32_t early = client.send(wire::AcquireCookie{.volume = volume, .key = "l"});
    CHECK(client.reply(early)->error == EMFILE);
    bench.executor.run_all();
    CHECK(client.error(wire::AcquireCookie{.volume = volume, .key = "l"}) == 0);
}

TEST_CASE("too many requests that wait are refused, and no others") {
    netfs::Limits limits;
    limits.pending_requests = 3;
    SessionBench bench(limits);
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.used_cookie(volume);
    bench.executor.run_all();
    std::vector<std::uint32_t> opens;
    for (int i = 0; i < 4; ++i)
        opens.push_back(client.send(wire::Open{.cookie = cookie}));
    CHECK(client.reply(opens[3])->error == EAGAIN);
    const std::uint32_t update = client.send(wire::Update{.cookie = cookie, .aux = "x"});
    CHECK(client.reply(update)->error == 0);
    bench.executor.run_all();
    for (int i = 0; i < 3; ++i)
        CHECK(client.reply(opens[static_cast<std::size_t>(i)])->error == 0);
    CHECK(client.error(wire::Open{.cookie = cookie}) == 0);
}
