// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_faults.hpp"
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <map>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

namespace {

struct FaultsFixture : IndexFixture {
    FaultsFixture() {
        options.page_cache = 64 << 10; // changes reach the disk before their commit, too
        options.reserve = 0;
        options.hooks =
            std::make_shared<TestHooks>(TestHooks{.fault = faults.hook(), .sync = false});
    }
    ~FaultsFixture() { index.reset(); }

    /// Objects and their maps; what is in the index afterwards is as if it had been done, or is
    /// empty: bits never turn up that were not set, nor under another content.
    void work(unsigned round) {
        const DirectoryId place{index->add_volume("v"), 1};
        std::vector<MapUpdate> updates;
        for (unsigned i = 0; i < 300; ++i) {
            const ObjectId id = index->put(place, fmt::format("{:040}", i), used_at(i));
            ContentMap bits;
            bits.set(i, 1);
            updates.push_back({id, round + 1, 0, bits});
        }
        index->merge_content_maps(updates);
        index->commit();
    }
    void verify(unsigned rounds) {
        CHECK(sound());
        const std::optional<std::vector<Object>> all = index->oldest({.limit = 10'000});
        for (const Object& object : *all) {
            ContentMap expected;
            expected.set(static_cast<std::size_t>(std::stoul(object.name)), 1);
            for (unsigned content = rounds; content <= rounds + 1; ++content) {
                const ContentMap map = index->content_map(object.id, 0, content);
                CHECK((map.empty() || map == expected));
            }
        }
    }

    IndexFaults faults;
};

} // namespace

TEST_SUITE_BEGIN("index::Index faults");

TEST_CASE_FIXTURE(FaultsFixture, "any one write or sync fails: no bit turns up that was not set") {
    for (const int result : {SQLITE_IOERR_WRITE, SQLITE_FULL}) {
        unsigned nth = 1;
        for (unsigned failed = 1; failed != 0; nth += 1 + nth / 8) {
            CAPTURE(nth);
            open();
            faults.fail_nth(result, nth);
            work(2 * nth);
            failed = faults.clear();
            verify(2 * nth);
            work(2 * nth + 1);
            verify(2 * nth + 1);
        }
        CHECK(nth > 10);
    }
}

TEST_CASE_FIXTURE(FaultsFixture, "random failures: likewise") {
    unsigned failures = 0;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        open();
        faults.fail_at_random(seed % 2 == 0 ? SQLITE_IOERR_WRITE : SQLITE_FULL, 0.05, seed);
        work(seed);
        failures += faults.clear();
        verify(seed);
    }
    CHECK(failures > 10);
}

TEST_SUITE_END();
