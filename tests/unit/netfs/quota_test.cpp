// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/budget.hpp"
#include "daemon/netfs/quota.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

using namespace cachefiles::daemon::netfs;

TEST_CASE("a share counts until it goes, here and above") {
    const auto total = std::make_shared<Quota>(10);
    const auto client = std::make_shared<Quota>(6, total);
    {
        Quota::Share share = Quota::take(client, 4).value();
        CHECK(share);
        CHECK(client->used() == 4);
        CHECK(total->used() == 4);
        const Quota::Share moved = std::move(share);
        CHECK(total->used() == 4);
    }
    CHECK(client->used() == 0);
    CHECK(total->used() == 0);
}

TEST_CASE("the error says whose limit it is, and nothing is taken") {
    const auto total = std::make_shared<Quota>(10);
    const auto client = std::make_shared<Quota>(6, total);
    const auto other = std::make_shared<Quota>(6, total);
    const Quota::Share share = Quota::take(client, 5).value();
    CHECK(Quota::take(client, 2).error() == EMFILE);
    CHECK(Quota::take(other, 6).error() == ENFILE);
    CHECK(Quota::take(other, UINT64_MAX).error() == EMFILE);
    CHECK(client->used() == 5);
    CHECK(other->used() == 0);
    CHECK(total->used() == 5);
    CHECK(Quota::take(other, 5));
}

TEST_CASE("a share that is replaced is given back") {
    const auto quota = std::make_shared<Quota>(10);
    Quota::Share share = Quota::take(quota, 3).value();
    share = Quota::take(quota, 4).value();
    CHECK(quota->used() == 4);
    share.reset();
    CHECK(!share);
    CHECK(quota->used() == 0);
}

TEST_CASE("a share keeps its quotas alive") {
    auto total = std::make_shared<Quota>(10);
    Quota::Share share;
    {
        const auto client = std::make_shared<Quota>(6, total);
        share = Quota::take(client).value();
    }
    CHECK(total->used() == 1);
    share.reset();
    CHECK(total->used() == 0);
}

TEST_CASE("many threads never have more than there is") {
    const auto total = std::make_shared<Quota>(3);
    std::atomic<int> have{0};
    std::atomic<int> most{0};
    const auto work = [&] {
        const auto client = std::make_shared<Quota>(2, total);
        for (int i = 0; i < 2000; ++i) {
            const std::expected<Quota::Share, int> share = Quota::take(client);
            if (!share)
                continue;
            const int now = ++have;
            int seen = most;
            while (now > seen && !most.compare_exchange_weak(seen, now)) {
            }
            --have;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back(work);
    for (std::thread& thread : threads)
        thread.join();
    CHECK(most <= 3);
    CHECK(most > 0);
    CHECK(total->used() == 0);
}

TEST_CASE("a user has half of all there is") {
    const Limits limits;
    const Budget total(limits.total);
    const Budget user(half_of(limits.total), total);
    CHECK(Quota::take(user.cookies, limits.total.cookies / 2));
    CHECK(Quota::take(user.cookies, limits.total.cookies / 2 + 1).error() == EMFILE);
    CHECK(Quota::take(user.queued_bytes, limits.total.queued_bytes / 2));
    CHECK(total.cookies->used() == 0);
}
