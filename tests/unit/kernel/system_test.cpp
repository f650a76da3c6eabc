// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "base/rate_limit.hpp"
#include "daemon/progress.hpp"
#include "daemon/system/event_loop.hpp"
#include "daemon/system/pid_file.hpp"
#include "daemon/wake.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <fstream>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace std::chrono_literals;

TEST_CASE("a worker that neither works nor waits makes no progress") {
    Progress progress;
    CHECK(progress.moved()); // nobody has looked before
    CHECK_FALSE(progress.moved());
    progress.step();
    CHECK(progress.moved());
    CHECK_FALSE(progress.moved());
    {
        const Progress::Waiting waiting(progress);
        CHECK(progress.moved());
        CHECK(progress.moved());
    }
    CHECK(progress.moved()); // the end of waiting is a step
    CHECK_FALSE(progress.moved());
}

TEST_CASE("a wake that came before the wait is not lost") {
    Wake wake;
    wake.wake();
    wake.wake();
    CHECK(wake.wait(-1, std::nullopt).by_wake);
    CHECK_FALSE(wake.wait(-1, 0ns).by_wake);
    std::thread other([&] { wake.wake(); });
    CHECK(wake.wait(-1, std::nullopt).by_wake);
    other.join();
}

TEST_CASE("repeated messages pass once in a while, with a count") {
    RateLimit limit(10s);
    CHECK(limit.pass(0s) == 0);
    CHECK_FALSE(limit.pass(1s));
    CHECK_FALSE(limit.pass(9s));
    CHECK(limit.pass(10s) == 2);
    CHECK(limit.pass(25s) == 0);
}

TEST_CASE("the loop runs what other threads post, on its own thread, and passes exceptions on") {
    EventLoop loop;
    const auto loop_thread = std::this_thread::get_id();
    std::thread::id ran_on;
    std::thread other([&] {
        loop.post([&] {
            ran_on = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    other.join();
    CHECK(ran_on == loop_thread);

    EventLoop failing;
    failing.post([] { throw std::runtime_error("broken"); });
    CHECK_THROWS_WITH(failing.run(), "broken");
}

TEST_CASE("timers repeat") {
    EventLoop loop;
    int calls = 0;
    loop.every(1ms, [&] {
        if (++calls == 3)
            loop.stop();
    });
    loop.run();
    CHECK(calls == 3);
}

TEST_CASE("a pid file is held by one process and goes with it") {
    const tests::TemporaryDirectory directory;
    const auto path = directory.path() / "pid";
    {
        const PidFile file(path);
        std::string line;
        std::getline(std::ifstream(path), line);
        CHECK(line == std::to_string(getpid()));
        const auto again = [&] {
            const PidFile other(path);
        };
        CHECK_THROWS_AS(again(), SystemError);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}
