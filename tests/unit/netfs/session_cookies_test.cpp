// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/netfs/session_bench.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::tests;

TEST_CASE("a cookie is used, unused and relinquished") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.cookie(volume);
    CHECK(client.error(wire::AcquireCookie{.volume = volume, .key = "k"}) == EEXIST);
    CHECK(client.error(wire::Unuse{.cookie = cookie}) == EINVAL);
    CHECK(client.error(wire::Open{.cookie = cookie}) == EINVAL);
    CHECK(client.error(wire::Resize{.cookie = cookie, .size = 1}) == EINVAL);
    CHECK(client.error(wire::PrepareWrite{.cookie = cookie, .generation = 2, .length = 1}) ==
          EINVAL);
    CHECK(client.error(wire::Use{.cookie = cookie}) == 0);
    CHECK(client.error(wire::Use{.cookie = cookie}) == 0);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie}) == EBUSY);
    CHECK(client.error(wire::Unuse{.cookie = cookie}) == 0);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie}) == EBUSY);
    CHECK(client.error(wire::Unuse{.cookie = cookie, .aux = "b", .size = 7}) == 0);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie}) == 0);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie}) == EBADF);
    CHECK(bench.disk.files.at({"v", "k"}).coherency == cache::Coherency{"b", 7});
    CHECK(client.error(wire::RelinquishVolume{.volume = volume}) == 0);
    bench.check_base();
}

TEST_CASE("numbers never come again") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.cookie(volume);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie}) == 0);
    CHECK(client.cookie(volume) > cookie);
}

TEST_CASE("a relinquished cookie is retired if that is wanted") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t cookie = client.used_cookie(client.volume());
    bench.executor.run_all();
    CHECK(client.error(wire::Unuse{.cookie = cookie}) == 0);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie, .retire = true}) == 0);
    bench.executor.run_all();
    CHECK(bench.disk.files.empty());
}

TEST_CASE("what a file cannot be as long as is refused") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.used_cookie(volume);
    for (const std::uint64_t size : {UINT64_MAX, std::uint64_t{INT64_MAX}}) {
        CHECK(client.error(wire::AcquireCookie{.volume = volume, .key = "l", .size = size}) ==
              EINVAL);
        CHECK(client.error(wire::Unuse{.cookie = cookie, .size = size}) == EINVAL);
        CHECK(client.error(wire::Update{.cookie = cookie, .size = size}) == EINVAL);
        CHECK(client.error(wire::Resize{.cookie = cookie, .size = size}) == EINVAL);
        CHECK(client.error(wire::Invalidate{.cookie = cookie, .size = size}) == EINVAL);
        CHECK(client.error(wire::PrepareWrite{
                  .cookie = cookie, .generation = 2, .start = size, .length = 1}) == EINVAL);
    }
    CHECK(client.error(wire::Unuse{.cookie = cookie}) == 0); // it had kept its use
}

TEST_CASE("replies that wait for nothing overtake those that do") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.cookie(volume);
    const std::uint32_t use = client.send(wire::Use{.cookie = cookie});
    const std::uint32_t open = client.send(wire::Open{.cookie = cookie});
    const std::uint32_t update = client.send(wire::Update{.cookie = cookie, .aux = "b"});
    CHECK(client.reply(use)->error == 0);
    CHECK(client.reply(update)->error == 0);
    CHECK(!client.reply(open));
    bench.executor.run_all();
    CHECK(client.reply(open)->error == 0);
}

TEST_CASE("what a client has read of is used, if it has the file; once for many touches") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t a = client.used_cookie(volume, "a");
    const std::uint32_t b = client.used_cookie(volume, "b");
    const std::uint32_t unopened = client.used_cookie(volume, "unopened");
    static_cast<void>(client.open(a));
    static_cast<void>(client.open(b));
    const auto uses = [&bench] {
        bench.executor.run_all();
        std::vector<std::string> found;
        for (const std::string& call : std::exchange(bench.disk.calls, {})) {
            if (call.starts_with("use "))
                found.push_back(call);
        }
        return found;
    };
    CHECK(uses().empty());
    client.send(wire::Touch{.cookies = {b, 99, volume, a, unopened, b}});
    client.send(wire::Touch{.cookies = {b}});
    CHECK(uses() == std::vector<std::string>{"use a", "use b"});
    client.send(wire::Touch{.cookies = {b}});
    CHECK(uses() == std::vector<std::string>{"use b"});
    CHECK(client.channel->replies.empty());
    CHECK(bench.services.traffic->touches == 6); // of cookies that it has, opened or not
    SUBCASE("nothing is left to do for those that go meanwhile") {
        client.send(wire::Touch{.cookies = {a}});
        client.send(wire::Unuse{.cookie = a});
        client.send(wire::RelinquishCookie{.cookie = a});
        CHECK(uses().empty());
    }
    SUBCASE("nor for a client that goes") {
        client.send(wire::Touch{.cookies = {a}});
        client.session->end();
        CHECK(uses().empty());
        bench.check_base();
    }
}

TEST_CASE("direct writes stop caching until the last unuse") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t cookie = client.used_cookie(client.volume());
    CHECK(client.error(wire::Invalidate{.cookie = cookie, .direct_write = true}) == 0);
    CHECK(client.error(wire::Open{.cookie = cookie}) == ENOBUFS);
    CHECK(client.error(wire::Resize{.cookie = cookie, .size = 5}) == ENOBUFS);
    CHECK(client.error(wire::Unuse{.cookie = cookie}) == 0);
    CHECK(client.error(wire::Use{.cookie = cookie}) == 0);
    CHECK(client.error(wire::Open{.cookie = cookie}) == 0);
    CHECK(client.error(wire::NotePageRelease{.cookie = cookie}) == 0);
}

TEST_CASE("nothing is cached without a cache, or with one that fails") {
    SessionBench bench({}, false);
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.used_cookie(volume);
    CHECK(client.error(wire::Open{.cookie = cookie}) == ENOBUFS);
    bench.bind();
    CHECK(client.error(wire::Open{.cookie = cookie}) == ENOBUFS); // only a use looks it up
    CHECK(client.error(wire::Use{.cookie = cookie}) == 0);
    CHECK(client.error(wire::Open{.cookie = cookie}) == 0);
    bench.disk.no_lookups = true;
    const std::uint32_t failing = client.used_cookie(volume, "failing");
    CHECK(client.error(wire::Open{.cookie = failing}) == ENOBUFS);
}
