// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/store/indexed_bench.hpp"

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;

namespace {

const Coherency wanted{"a", 2 * block};

} // namespace

TEST_SUITE_BEGIN("cache::store recency");

TEST_CASE("an object that is read while it is in use is younger, and nothing is written for it") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 2, 'x');
    const auto object = bench.take("key", wanted);
    const std::shared_ptr<BackendFile> file = object->file();
    const Seconds taken = bench.store.clock.now();
    CHECK(bench.index->commit());
    bench.store.clock.advance(std::chrono::seconds(100));
    CHECK(bench.row("key")->attributes.last_use == taken);
    file->note_use();
    CHECK(bench.row("key")->attributes.last_use == taken + 100);
    CHECK_FALSE(bench.index->uncommitted());
    object->detach(Ending::commit, wanted);
}

TEST_CASE("what has no name yet has no age") {
    NEED_A_STORE();
    IndexedBench bench;
    const auto object = bench.take("key", wanted, false);
    object->file()->note_use();
    CHECK_FALSE(bench.row("key"));
    object->detach(Ending::commit, wanted);
    CHECK(bench.row("key"));
}

TEST_CASE("a use of a file that outlives its store reaches nobody") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 2, 'x');
    auto object = bench.take("key", wanted);
    const std::shared_ptr<BackendFile> file = object->file();
    object->detach(Ending::commit, wanted);
    object.reset();
    bench.reopen();
    const Seconds before = bench.row("key")->attributes.last_use;
    bench.store.clock.advance(std::chrono::seconds(100));
    file->note_use();
    CHECK(bench.row("key")->attributes.last_use == before);
}

TEST_SUITE_END();
