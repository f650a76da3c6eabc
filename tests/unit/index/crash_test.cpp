// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

namespace {

constexpr int rounds = 12;
constexpr int objects_per_round = 40;

/// What the process does that will be killed. After round N committed, "round" is N, and there are
/// as many objects of each round up to it.
void work(Index& index) {
    const VolumeId volume = index.add_volume("v");
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < objects_per_round; ++i)
            index.put({volume, static_cast<std::uint8_t>(i)}, fmt::format("{}-{}", round, i),
                      used_at(round * 100 + i));
        index.set_fact("round", std::to_string(round));
        const std::vector<Object> gone = index.oldest({.limit = objects_per_round / 2});
        index.forget(gone);
        index.commit();
    }
}

/// Runs `work` in a process that is killed at its n-th write. False if it came to its end.
bool killed_at(int n, IndexOptions options, const Clock& clock) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int writes = 0;
        const auto kill_at_write = [&writes, n] {
            if (writes++ == n)
                ::kill(::getpid(), SIGKILL);
            return 0;
        };
        options.hooks =
            std::make_shared<TestHooks>(TestHooks{.fault = kill_at_write, .sync = false});
        NullLog log;
        const auto index = Index::open(options, clock, log);
        work(*index);
        ::_exit(writes > n ? 1 : 0); // without closing it
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) {
        REQUIRE(WTERMSIG(status) == SIGKILL);
        return true;
    }
    REQUIRE(WEXITSTATUS(status) == 0);
    return false;
}

} // namespace

TEST_CASE_FIXTURE(IndexFixture, "after a kill at any write rows and totals agree") {
    options.page_cache = 64 << 10; // changes reach the disk before their commit, too
    int n = 0;
    int kills = 0;
    bool killed = true;
    while (killed) {
        TemporaryDirectory elsewhere;
        IndexOptions own = options;
        own.path = elsewhere.path() / "cache.db";
        killed = killed_at(n, own, clock);
        RecordingLog own_log;
        const auto again = Index::open(own, clock, own_log);
        CAPTURE(n);
        REQUIRE(again->verify() == std::vector<std::string>());
        const std::string round = again->fact("round").value_or("-1");
        const auto committed = static_cast<std::uint64_t>(std::stoi(round) + 1);
        REQUIRE(again->totals().objects == committed * objects_per_round / 2);
        if (!killed)
            REQUIRE(committed == rounds);
        // Only a database that was not yet made may have to be made again.
        REQUIRE((own_log.lines().empty() || committed == 0));
        n += 1 + n / 16; // at first each write, later every few: each is a process
        ++kills;
    }
    CHECK(kills > 30);
}
