// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/in_use.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using cachefiles::cache::store::InUse;

TEST_CASE("in use: one at a time") {
    InUse in_use;
    const auto user = in_use.claim("a");
    CHECK(user);
    CHECK_FALSE(in_use.claim("a"));
    CHECK_FALSE(in_use.claim_to_remove("a"));
    CHECK(in_use.claim_to_remove("b"));
    CHECK(in_use.contains("a"));
    CHECK_FALSE(in_use.contains("b"));
    CHECK(in_use.paths() == std::vector<std::string>{"a"});
}

TEST_CASE("in use: counted for each volume, without those that have no name yet") {
    InUse in_use;
    std::vector<InUse::Claim> users;
    for (const char* path : {"Iv", "Iv/@01/Da", "Iv/@02/Db", "Iw/@01/Da", "Iw/@01/Dnew"})
        users.push_back(*in_use.claim(path));
    users.back().leave_name();
    CHECK(in_use.counts() == std::map<std::string, std::uint64_t>{{"Iv", 2}, {"Iw", 1}});
    users.clear();
    CHECK(in_use.counts().empty());
}

TEST_CASE("in use: who wants to use what is being removed waits for its end") {
    InUse in_use;
    auto remover = in_use.claim_to_remove("a");
    CHECK_FALSE(in_use.claim_to_remove("a"));
    std::atomic<bool> removed = false;
    bool in_order = false;
    std::jthread user([&] {
        const auto claim = in_use.claim("a");
        in_order = claim && removed;
    });
    removed = true; // had it not waited, it would most likely have been too early
    remover.reset();
    user.join();
    CHECK(in_order);
    CHECK(in_use.count() == 0);
}

TEST_CASE("in use without a name: what lies there may be removed, and not used") {
    InUse in_use;
    auto user = in_use.claim("a");
    user->leave_name();
    CHECK_FALSE(in_use.busy("a"));
    CHECK(in_use.contains("a"));
    CHECK(in_use.paths().empty());
    CHECK_FALSE(in_use.claim("a"));
    {
        const auto remover = in_use.claim_to_remove("a");
        CHECK(remover);
        CHECK(in_use.busy("a"));
        CHECK_FALSE(in_use.claim_to_remove("a"));
    }
    CHECK_FALSE(in_use.claim("a")); // still in use
    user->take_name();
    CHECK(in_use.busy("a"));
    CHECK_FALSE(in_use.claim_to_remove("a"));
    user.reset();
    CHECK(in_use.count() == 0);
}

TEST_CASE("in use: who takes the name waits until what lies there is removed") {
    for (int round = 0; round < 200; ++round) { // whoever does not wait is too early in some
        InUse in_use;
        auto user = in_use.claim("a");
        user->leave_name();
        auto remover = in_use.claim_to_remove("a");
        std::atomic<bool> removed = false;
        bool in_order = false;
        std::jthread taking([&] {
            user->take_name();
            in_order = removed;
        });
        std::this_thread::yield();
        removed = true;
        remover.reset();
        taking.join();
        CHECK(in_order);
        CHECK(in_use.busy("a"));
    }
}

TEST_CASE("in use: a user that goes leaves what is being removed to the remover") {
    InUse in_use;
    auto user = in_use.claim("a");
    user->leave_name();
    auto remover = in_use.claim_to_remove("a");
    user.reset();
    CHECK(in_use.busy("a"));
    remover.reset();
    CHECK(in_use.count() == 0);
}
