// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker.hpp"
#include "tests/unit/recording_log.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>

using namespace cachefiles;
using namespace cachefiles::tests;
using daemon::Worker;

namespace {

/// Turns happen one by one, as the test lets them.
class Turns final {
public:
    void rest() {
        done_.release();
        next_.acquire();
    }
    void wait_for_one() { done_.acquire(); }
    void next() {
        next_.release();
        done_.acquire();
    }
    void let_go() { next_.release(); }

private:
    std::counting_semaphore<> done_{0};
    std::counting_semaphore<> next_{0};
};

} // namespace

TEST_CASE("worker: a failure is said when it begins, and not while it lasts") {
    RecordingLog log;
    Turns turns;
    std::string done;
    bool fails = false;
    Worker worker(log, "testing");
    worker.start({[&] { done += 'b'; },
                  [&] {
                      done += 't';
                      if (fails)
                          throw std::runtime_error("it is broken");
                  },
                  [&] { turns.rest(); },
                  [&] {
                      done += 'e';
                  }});
    turns.wait_for_one();
    CHECK(log.lines().empty());
    fails = true;
    turns.next();
    turns.next();
    REQUIRE(log.lines().size() == 1);
    CHECK(log.lines().front().text == "testing: it is broken");
    fails = false;
    turns.next();
    fails = true;
    turns.next();
    CHECK(log.lines().size() == 2);
    worker.ask_to_stop();
    turns.let_go();
    CHECK(worker.stop());
    CHECK(done == "bttttte");
    CHECK_FALSE(worker.stop());
}

TEST_CASE("worker: who waits is woken, and ends") {
    RecordingLog log;
    std::counting_semaphore<> turned{0};
    Worker worker(log, "testing");
    bool went_on = false;
    worker.start({.turn =
                      [&] {
                          went_on = worker.go_on();
                          turned.release();
                      },
                  .wait =
                      [&] {
                          worker.wait(-1, std::nullopt);
                      }});
    turned.acquire();
    CHECK(went_on);
    worker.wake();
    turned.acquire();
    CHECK(worker.stop());
    CHECK(worker.stopping());
    CHECK_FALSE(worker.go_on());
}
