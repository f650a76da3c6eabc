// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hash.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <unistd.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;

namespace {

constexpr unsigned threads = 4;
constexpr unsigned rounds = 40;

void in_threads(const auto& work) {
    std::latch start(threads);
    std::vector<std::jthread> all;
    for (unsigned number = 0; number < threads; ++number) {
        all.emplace_back([&start, &work, number] {
            start.arrive_and_wait();
            work(number);
        });
    }
}

bool holds(const BackendObject& object, unsigned number) {
    unsigned stored = threads;
    const int fd = object.file()->descriptor();
    return pread(fd, &stored, sizeof stored, 0) == sizeof stored && stored == number;
}

} // namespace

TEST_CASE("objects of one fan-out directory are replaced at once by several threads") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    std::atomic<unsigned> wrong = 0;
    in_threads([&](unsigned number) {
        // All in one directory: they share the temporary name.
        const CookieIdentity cookie{"key" + std::to_string(number), 7};
        for (unsigned round = 0; round < rounds; ++round) {
            const Coherency wanted{std::to_string(round), sizeof number};
            const Lookup lookup = volume->look_up(cookie, wanted, {});
            if (lookup.result != Lookup::Result::created) {
                ++wrong;
                continue;
            }
            if (pwrite(lookup.object->file()->descriptor(), &number, sizeof number, 0) < 0)
                ++wrong;
            lookup.object->detach(Ending::commit, wanted);
            const Lookup again = volume->look_up(cookie, wanted, {});
            if (again.result != Lookup::Result::found || !holds(*again.object, number))
                ++wrong;
        }
    });
    CHECK(wrong == 0);
    for (unsigned number = 0; number < threads; ++number) {
        const Lookup lookup = volume->look_up({"key" + std::to_string(number), 7},
                                              {std::to_string(rounds - 1), sizeof number}, {});
        REQUIRE(lookup.result == Lookup::Result::found);
        CHECK(holds(*lookup.object, number));
    }
    CHECK(bench.files().size() == threads);
    CHECK(bench.events.count() == 0);
}

TEST_CASE("of several threads that want one object one has it at a time") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    std::atomic<int> users = 0;
    std::atomic<unsigned> wrong = 0, had = 0;
    in_threads([&](unsigned) {
        for (unsigned round = 0; round < rounds; ++round) {
            const Lookup lookup = volume->look_up({"key", 7}, {"", 1}, {});
            if (lookup.result == Lookup::Result::failed)
                continue;
            if (users.fetch_add(1) != 0)
                ++wrong;
            ++had;
            users.fetch_sub(1);
            lookup.object->detach(round % 2 == 0 ? Ending::commit : Ending::retire, {"", 1});
        }
    });
    CHECK(wrong == 0);
    CHECK(had > 0);
    CHECK(bench.store->in_use().count() == 1);
}

TEST_CASE("a file may be asked for while it is replaced") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const Lookup lookup = volume->look_up({"key", 7}, {"", 1}, {});
    std::atomic<unsigned> wrong = 0;
    in_threads([&](unsigned number) {
        for (unsigned round = 0; round < rounds; ++round) {
            if (number == 0 && !lookup.object->invalidate({"", round}))
                ++wrong;
            if (lookup.object->file()->descriptor() < 0)
                ++wrong;
        }
    });
    CHECK(wrong == 0);
}
