// SPDX-License-Identifier: GPL-2.0-or-later
// The decision about space, the state line and poll(2) (command protocol, sections 4 to 6).
#include "cache/driver/limits.hpp"
#include "tests/unit/cache/driver/driver_bench.hpp"

#include <poll.h>

#include <cerrno>
#include <limits>

using namespace cachefiles;
using namespace cachefiles::tests;
using cache::driver::AbsoluteLimits;
using cache::driver::CacheState;
using cache::driver::NoSpace;
using cache::store::Room;
using cache::store::SpaceUse;

namespace {

/// Watermarks of 70, 50 and 10 of either.
class State final {
public:
    State() { state.set_limits({{70, 50, 10}, {70, 50, 10}}); }

    bool judge(std::uint64_t files, std::uint64_t blocks, SpaceUse use = SpaceUse::check) {
        return state.judge({files, blocks}, use);
    }
    bool culling() const { return (state.poll() & POLLOUT) != 0; }

    DriverBench bench;
    std::shared_ptr<NoSpace> no_space = std::make_shared<NoSpace>();
    int wakes = 0;
    CacheState state{*bench.model, no_space, [this] {
                         ++wakes;
                     }};
};

} // namespace

TEST_CASE("percentages are taken of whole hundredths") {
    const cache::driver::Watermarks files = cache::driver::watermarks(32768, {7, 5, 1});
    CHECK(files == cache::driver::Watermarks{0x8f1, 327 * 5, 327});
    CHECK(cache::driver::watermarks(124725, {10, 7, 3}) ==
          cache::driver::Watermarks{0x30b6, 0x2219, 0xe9d});
    CHECK(cache::driver::watermarks(99, {99, 98, 97}) == cache::driver::Watermarks{});
}

TEST_CASE("culling begins when either is low, and ends when both have recovered") {
    State of;
    CHECK(of.judge(50, 50));
    CHECK_FALSE(of.culling());
    CHECK(of.wakes == 0);
    CHECK(of.judge(49, 1000));
    CHECK(of.culling());
    CHECK(of.wakes == 1);
    CHECK(of.judge(10, 1000));
    CHECK(of.wakes == 1); // only the change
    CHECK(of.judge(69, 1000));
    CHECK(of.judge(1000, 69));
    CHECK(of.culling()); // between them nothing changes
    CHECK(of.judge(70, 70));
    CHECK_FALSE(of.culling());
    CHECK(of.wakes == 2);
    CHECK(of.judge(60, 60));
    CHECK_FALSE(of.culling());
    CHECK(of.judge(1000, 49));
    CHECK(of.culling());
}

TEST_CASE("below stop nothing is made, which is counted by what was wanted") {
    State of;
    CHECK_FALSE(of.judge(9, 1000));
    CHECK(of.culling());
    CHECK(of.no_space->creates == 0);
    CHECK(of.no_space->writes == 0);
    CHECK_FALSE(of.judge(9, 1000, SpaceUse::create));
    CHECK_FALSE(of.judge(1000, 9, SpaceUse::write));
    CHECK(of.no_space->creates == 1);
    CHECK(of.no_space->writes == 1);
    CHECK(of.judge(10, 10, SpaceUse::write));
}

TEST_CASE("a change shows until the state is read, culling as long as it lasts") {
    State of;
    CHECK(of.state.poll() == 0);
    CHECK(of.judge(0, 0) == false);
    CHECK(of.state.poll() == (POLLIN | POLLOUT));
    CHECK(of.state.take().culling);
    CHECK(of.state.poll() == POLLOUT);
    CHECK(of.judge(100, 100));
    CHECK(of.state.poll() == POLLIN);
    CHECK_FALSE(of.state.take().culling);
    CHECK(of.state.poll() == 0);
}

TEST_CASE("what is released is counted from read to read, and wakes each time") {
    State of;
    of.state.released(40);
    of.state.released(8);
    CHECK(of.wakes == 2);
    CHECK(of.state.poll() == POLLIN);
    const protocol::StateLine line = of.state.take();
    CHECK(line.freleased == 2);
    CHECK(line.breleased == 48);
    CHECK(of.state.take().freleased == 0);
    CHECK(of.state.poll() == 0);
}

TEST_CASE("a dead cache wakes nobody, and still tells") {
    State of;
    of.state.io_error("the disk");
    CHECK(of.state.dead());
    CHECK(of.wakes == 0);
    CHECK(of.state.poll() == 0);
    CHECK(of.state.take().brun == 70);
    of.state.stop_waking();
    of.state.released(1);
    CHECK(of.wakes == 0);
    CHECK(of.state.poll() == POLLIN);
}

TEST_CASE("reading asks for the space: nothing else does while the cache is idle") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    const protocol::StateLine limits = bench.state();
    bench.set_room(Room{limits.fcull - 1, ~std::uint64_t{0}});
    CHECK(bench.cache->poll() == 0);
    CHECK(bench.state().culling);
    CHECK(bench.cache->poll() == POLLOUT); // that there was a change has been read with it
    bench.set_room(Room{limits.frun, limits.brun});
    CHECK_FALSE(bench.state().culling);
}

TEST_CASE("making a directory and an object asks for it, and so does a write") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    const protocol::StateLine limits = bench.state();
    bench.set_room(Room{limits.fstop, limits.bcull - 1});
    SUBCASE("object") {
        bench.relinquish(bench.use("a"));
        CHECK((bench.cache->poll() & POLLOUT) != 0);
        CHECK(bench.files().size() == 1); // above stop
    }
    SUBCASE("write") {
        CHECK(bench.store()->space().for_write(1));
        CHECK(bench.cache->poll() == (POLLIN | POLLOUT));
        bench.set_room(Room{limits.fstop, limits.bstop - 1});
        CHECK(bench.store()->space().for_write(1).error() == ENOSPC);
        CHECK(bench.driver.no_space().writes == 1);
    }
    SUBCASE("no object below stop") {
        bench.set_room(Room{limits.fstop - 1, ~std::uint64_t{0}});
        bench.relinquish(bench.use("a"));
        CHECK(bench.files().empty());
        CHECK(bench.driver.no_space().creates >= 1);
        CHECK((bench.cache->poll() & POLLOUT) != 0);
    }
}

TEST_CASE("an object that is let go of is in the state line") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    const cache::CookiePtr cookie = bench.use("a", 20480);
    CHECK(bench.cache->poll() == 0);
    bench.relinquish(cookie);
    CHECK(bench.cache->poll() == POLLIN);
    const protocol::StateLine state = bench.state();
    CHECK(state.freleased == 1);
    CHECK(state.breleased >= 40);
    CHECK(bench.cache->poll() == 0);
    CHECK(bench.state().freleased == 0);
}

TEST_CASE("a buffer that is too short loses what was counted") {
    NEED_A_STORE();
    DriverBench bench;
    bench.bind();
    bench.relinquish(bench.use("a"));
    CHECK(bench.cache->read(20).error() == EMSGSIZE);
    CHECK(bench.cache->poll() == 0);
    const std::string text = bench.cache->read(4096).value();
    CHECK(text.find("freleased=0 breleased=0") != std::string::npos);
    CHECK(bench.cache->read(text.size()).value().size() == text.size());
    CHECK(bench.cache->read(text.size() - 1).error() == EMSGSIZE);
}
