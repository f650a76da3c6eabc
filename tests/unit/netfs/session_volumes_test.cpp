// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/netfs/session_bench.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>

using namespace cachefiles;
using namespace cachefiles::tests;

TEST_CASE("a volume is relinquished when it has no cookies") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.cookie(volume);
    CHECK(client.error(wire::RelinquishVolume{.volume = volume}) == EBUSY);
    CHECK(client.error(wire::RelinquishCookie{.cookie = cookie}) == 0);
    CHECK(client.error(wire::RelinquishVolume{.volume = volume, .coherency = "new"}) == 0);
    CHECK(client.error(wire::RelinquishVolume{.volume = volume}) == EBADF);
    CHECK(client.error(wire::AcquireCookie{.volume = volume, .key = "k"}) == EBADF);
    CHECK(bench.disk.volumes.at("v") == "new");
    bench.check_base();
}

TEST_CASE("a cookie that is being acquired keeps its volume") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t acquiring = client.send(wire::AcquireCookie{.volume = volume, .key = "k"});
    const std::uint32_t too_early = client.send(wire::RelinquishVolume{.volume = volume});
    CHECK(client.reply(too_early)->error == EBUSY);
    bench.executor.run_all();
    CHECK(client.reply(acquiring)->error == 0);
}

TEST_CASE("who may have a volume is asked, but for root") {
    SessionBench bench;
    std::string asked;
    bench.services.may_use_volume = [&asked](const std::string& cache, const std::string& key,
                                             uid_t user) {
        asked += cache + "/" + key + ":" + std::to_string(user) + " ";
        return key == "mine";
    };
    TestClient client(bench);
    CHECK(client.error(wire::AcquireVolume{.key = "theirs", .cache = "cache"}) == EACCES);
    CHECK(client.error(wire::AcquireVolume{.key = "mine"}) == 0);
    TestClient root(bench, 0);
    CHECK(root.error(wire::AcquireVolume{.key = "theirs"}) == 0);
    CHECK(asked == "cache/theirs:1000 /mine:1000 ");
}

TEST_CASE("the volume says whose it is to whoever keeps it") {
    SessionBench bench;
    TestClient client(bench, 1234);
    client.volume("mine");
    TestClient root(bench, 0);
    root.volume("roots");
    CHECK(bench.disk.owners.at("mine") == 1234);
    CHECK(bench.disk.owners.at("roots") == 0);
}

TEST_CASE("an acquisition waits for the end of the one before") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t volume = client.volume();
    const std::uint32_t cookie = client.used_cookie(volume);
    bench.executor.run_all();
    client.session->end(); // the object is still to be detached
    TestClient next(bench, 1000, false);
    const std::uint32_t hello = next.send(wire::Hello{});
    CHECK(next.reply(hello)); // nothing to wait for
    const std::uint32_t acquiring = next.send(wire::AcquireVolume{.key = "v"});
    bench.executor.run(bench.executor.pending() - 1); // asks
    CHECK(!next.reply(acquiring));
    bench.executor.run_all();
    CHECK(next.reply(acquiring)->error == 0);
    static_cast<void>(cookie);
}

TEST_CASE("the client learns when its cache goes away and comes back") {
    SessionBench bench;
    TestClient client(bench);
    TestClient other(bench);
    client.volume();
    bench.withdraw();
    auto notice = client.notice<wire::CacheStateChanged>();
    REQUIRE(notice);
    CHECK(!notice->online);
    CHECK(notice->cache == "cache");
    bench.bind();
    bench.executor.run_all();
    notice = client.notice<wire::CacheStateChanged>();
    REQUIRE(notice);
    CHECK(notice->online);
    CHECK(notice->cache == "cache");

    bench.model.io_error(bench.cache, "broken");
    bench.executor.run_all();
    CHECK(!client.notice<wire::CacheStateChanged>()->online);
    bench.withdraw(); // offline already
    CHECK(client.channel->notices.empty());
    CHECK(other.channel->notices.empty()); // it has nothing there
}

TEST_CASE("the lists show the client's own, a page at a time") {
    SessionBench bench;
    TestClient other(bench);
    other.cookie(other.volume("theirs"), "their key");
    TestClient client(bench);
    const auto list = [&client](wire::List::What what) {
        std::string text;
        std::uint32_t lines = 0;
        for (;;) {
            const wire::Reply reply = client.ask(wire::List{.what = what, .first = lines});
            const std::string page = std::get<wire::ListReply>(reply.body).text;
            if (page.empty())
                return text;
            CHECK(page.back() == '\n');
            lines += static_cast<std::uint32_t>(std::ranges::count(page, '\n'));
            text += page;
        }
    };
    CHECK(list(wire::List::What::caches) == protocol::caches_header);
    CHECK(list(wire::List::What::volumes) == protocol::volumes_header);
    CHECK(list(wire::List::What::cookies) == protocol::cookies_header);

    const std::uint32_t volume = client.volume("mine");
    for (int i = 0; i < 100; ++i)
        client.cookie(volume, std::string(200, 'k') + std::to_string(i));
    const auto cookies = protocol::parse_cookies(list(wire::List::What::cookies));
    REQUIRE(cookies.size() == 100);
    CHECK(cookies[99].key == std::string(200, 'k') + "99");
    CHECK(cookies[99].aux == "a");
    const auto volumes = protocol::parse_volumes(list(wire::List::What::volumes));
    REQUIRE(volumes.size() == 1);
    CHECK(volumes[0].key == "mine");
    CHECK(volumes[0].cookies == 100);
    CHECK(cookies[0].volume == volumes[0].id);
    const auto caches = protocol::parse_caches(list(wire::List::What::caches));
    REQUIRE(caches.size() == 1);
    CHECK(caches[0].name == "cache");
    CHECK(list(wire::List::What::stats).find("Acquire: n=101 ok=101\n") != std::string::npos);
    CHECK(client.ask(wire::List{.what = wire::List::What::cookies, .first = UINT32_MAX}).body ==
          wire::ReplyBody(wire::ListReply{}));
}
