// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "threads may do everything at once, and the totals are right") {
    constexpr int rounds = 300;
    open();
    const VolumeId volume = index->add_volume("v");
    const VolumeId brief = index->add_volume("brief");
    std::vector<Object> found;
    for (int i = 0; i < 20'000; ++i)
        found.push_back({ObjectId(), std::to_string(i), used_at(i)});
    index->put_all({volume, 0}, found);
    index->put_all({brief, 0}, found);

    std::atomic<int> differences{0};
    const auto put = [&] {
        for (int i = 0; i < rounds; ++i) {
            const ObjectId id = index->put({volume, 1}, "p" + std::to_string(i), used_at(1000 + i));
            index->touch(id, 2000 + i);
            index->set_state(std::span(&id, 1), ObjectState::in_use);
            index->commit_if_due();
        }
    };
    const auto pop = [&] {
        for (int i = 0; i < rounds; ++i) {
            index->forget(index->oldest({.limit = 10}));
            (void)index->nth_oldest_use(10);
        }
    };
    const auto verify = [&] {
        for (int i = 0; i < 5; ++i)
            differences += static_cast<int>(index->verify().size());
    };
    const auto look = [&] {
        for (int i = 0; i < rounds; ++i) {
            (void)index->find({volume, 0}, std::to_string(i));
            (void)index->volumes();
        }
        index->remove_volume(brief);
        index->for_each({volume, 0}, [](const Object&) {});
        index->set_all_idle();
    };
    {
        const std::jthread threads[]{std::jthread(put), std::jthread(pop), std::jthread(verify),
                                     std::jthread(look)};
    }
    CHECK(differences == 0);
    CHECK(index->verify().empty());
    CHECK(index->volumes().size() == 1);
}
