// SPDX-License-Identifier: GPL-2.0-or-later
// Opening, closing and the end of a cache (command protocol, sections 1, 9 and 10).
#include "cache/store/faults.hpp"
#include "tests/unit/cache/driver/driver_bench.hpp"

#include <cerrno>

using namespace cachefiles;
using namespace cachefiles::tests;
namespace faults = cachefiles::cache::store::faults;
using protocol::CacheState;

TEST_CASE("one at a time") {
    DriverBench bench;
    CHECK(bench.driver.open({}).error() == EBUSY);
    bench.close();
    CHECK(bench.driver.open({}));
    CHECK(bench.driver.open({})); // the one before has gone at once
}

TEST_CASE("closing withdraws, and the directory is free") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    const cache::CookiePtr cookie = bench.use("a");
    CHECK(bench.store() != nullptr);
    bench.close();
    CHECK(bench.withdrawals == 1);
    CHECK(bench.files().size() == 1);                               // committed
    CHECK(bench.model->caches().at(0).state == CacheState::absent); // the volume remembers it
    for (int again = 0; again < 3; ++again) {
        bench.open();
        bench.bind();
    }
    CHECK(bench.bounds == 4);
    CHECK(bench.model->caches().at(0).state == CacheState::active);
    bench.relinquish(cookie);
}

TEST_CASE("everything that was configured goes with the cache") {
    NEED_A_STORE();
    DriverBench bench;
    CHECK(bench.command("brun 50%") == 0);
    CHECK(bench.command("tag mine") == 0);
    CHECK(bench.command("dir /nowhere") == 0);
    bench.open();
    CHECK(bench.command("bind") == EINVAL);
    CHECK(bench.command("brun 6%") == 0);
    CHECK(bench.command("tag mine") == 0);
    bench.bind();
}

TEST_CASE("a close that was called is not done again") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    bench.cache->close();
    CHECK(bench.cache->command("debug", {}) == EIO);
    CHECK(bench.cache->read(100).value().empty());
    const auto other = bench.driver.open({});
    CHECK(other);
    bench.close(); // the destructor; the other one stays
    CHECK(bench.driver.open({}).error() == EBUSY);
    CHECK(bench.withdrawals == 1);
}

TEST_CASE("a failing disk ends the cache: commands fail, reading goes on, nobody is woken") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    CHECK(bench.command("") == EOPNOTSUPP); // how one asks whether it lives
    const int wakes = bench.wakes;
    faults::fail_nth(faults::read, EIO, 1);
    const cache::CookiePtr cookie = bench.use("a");
    CHECK(faults::clear() == 1);
    CHECK(bench.cache->dead());
    for (const std::string text : {"", "debug", "cull x", "\n", "x"})
        CHECK(bench.command(text) == EIO);
    CHECK(bench.command(std::string(5000, 'x')) == EIO);
    CHECK(bench.state().frun > 0);
    CHECK(bench.wakes == wakes);
    CHECK(bench.cache->poll() == 0);
    CHECK(bench.model->caches().at(0).state == CacheState::io_error);
    bench.open();
    bench.bind();
    CHECK(bench.model->caches().at(0).state == CacheState::active);
    bench.relinquish(cookie);
}
