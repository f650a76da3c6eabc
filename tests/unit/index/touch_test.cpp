// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/touch_buffer.hpp"
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;
using namespace std::chrono_literals;

namespace {

struct TouchFixture : IndexFixture {
    TouchFixture() {
        open();
        place = {index->add_volume("v"), 1};
        a = index->put(place, "a", used_at(10));
        b = index->put(place, "b", used_at(20));
        index->commit();
    }
    DirectoryId place;
    ObjectId a, b;
};

} // namespace

TEST_CASE_FIXTURE(TouchFixture, "a touch is seen at once and never goes back") {
    index->touch(a, 30);
    index->touch(a, 25);
    index->touch(b, 15);
    index->touch(ObjectId(99), 1000);
    CHECK(index->find(a)->attributes.last_use == 30);
    CHECK(index->find(place, "b")->attributes.last_use == 20);
    CHECK(index->volume(place.volume)->newest_use == 30);
    CHECK(index->volumes().front().newest_use == 30);
    index->for_each(place, [](const Object& object) {
        CHECK(object.attributes.last_use == (object.name == "a" ? 30 : 20));
    });
    CHECK(order() == Names{"b", "a"});
    CHECK(index->find(a)->attributes.last_use == 30);
    CHECK(index->totals().objects == 2);
    CHECK(sound());
}

TEST_CASE_FIXTURE(TouchFixture,
                  "a touch that waits does not outlive a later put or a forgotten object") {
    index->touch(a, 30);
    index->put(place, "a", used_at(5));
    CHECK(order() == Names{"a", "b"});
    index->touch(b, 40);
    index->forget(std::array{b});
    CHECK(index->put(place, "b", used_at(1)) == b);
    CHECK(order() == Names{"b", "a"});
}

TEST_CASE_FIXTURE(TouchFixture, "a touch is durable once it is older than its granularity") {
    index->touch(a, 30);
    CHECK(index->commit());
    clock.advance(59s);
    CHECK(index->commit_if_due());
    // What another process would see: a copy of the files.
    const auto last_use_in_copy = [this] {
        TemporaryDirectory elsewhere;
        for (const char* suffix : {"", "-wal"}) {
            std::filesystem::path from = options.path;
            from += suffix;
            if (std::filesystem::exists(from))
                std::filesystem::copy_file(from, elsewhere.path() / from.filename());
        }
        const auto copy =
            Index::open(make_options(elsewhere.path() / options.path.filename()), clock, log);
        return copy->find(a)->attributes.last_use;
    };
    CHECK(last_use_in_copy() == 10);
    clock.advance(1s);
    CHECK(index->commit_if_due());
    CHECK(last_use_in_copy() == 10); // written, but the commit is not due for five seconds more
    clock.advance(5s);
    CHECK(index->commit_if_due());
    CHECK(last_use_in_copy() == 30);
    open();
    CHECK(index->find(a)->attributes.last_use == 30);
}

TEST_CASE_FIXTURE(TouchFixture, "a touch is not lost when the index is closed") {
    index->touch(a, 30);
    open();
    CHECK(order() == Names{"b", "a"});
}

TEST_CASE_FIXTURE(TouchFixture, "more touches than fit are written") {
    std::vector<Object> found;
    for (std::size_t i = 0; i < TouchBuffer::capacity + 10; ++i)
        found.push_back({ObjectId(), std::to_string(i), used_at(10)});
    index->put_all({place.volume, 2}, found);
    std::vector<ObjectId> ids;
    index->for_each({place.volume, 2}, [&](const Object& object) { ids.push_back(object.id); });
    for (std::size_t i = 0; i < ids.size(); ++i)
        index->touch(ids[i], 100 + static_cast<Seconds>(i));
    Seconds expected = 100;
    std::size_t wrong = 0;
    index->for_each({place.volume, 2}, [&](const Object& object) {
        wrong += object.attributes.last_use != expected++ ? 1 : 0;
    });
    CHECK(wrong == 0);
}
