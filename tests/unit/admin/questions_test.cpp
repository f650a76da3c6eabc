// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/admin/admin_bench.hpp"

using namespace cachefiles;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

namespace {

std::expected<ObjectPage, Refusal> list(AdminBench& bench, const ObjectQuery& query) {
    return bench.answer<ObjectPage>(
        [&](auto answer) { bench.administrator->list(query, std::move(answer)); });
}

std::expected<ObjectReport, Refusal> show(AdminBench& bench, const std::string& volume,
                                          const std::string& name) {
    return bench.answer<ObjectReport>(
        [&](auto answer) { bench.administrator->show(volume, name, std::move(answer)); });
}

std::expected<std::vector<Age>, Refusal> ages(AdminBench& bench, std::vector<Seconds> bounds) {
    return bench.answer<std::vector<Age>>(
        [&](auto answer) { bench.administrator->ages(std::move(bounds), std::move(answer)); });
}

} // namespace

TEST_SUITE_BEGIN("admin: questions");

TEST_CASE("pages join, also over changes, and end with what is in use") {
    AdminBench bench;
    const index::VolumeId a = bench.add_mounted("a");
    const index::VolumeId b = bench.add_mounted("b");
    std::vector<index::ObjectId> expected;
    for (int i = 0; i < 20; ++i)
        expected.push_back(bench.add(i % 2 == 0 ? a : b, 1'000 - i));
    const index::ObjectId used =
        bench.index->put({a, 0}, "Dused", {4096, 1, index::ObjectState::in_use});
    bench.start();
    ObjectQuery query{.limit = 6};
    std::vector<index::ObjectId> found;
    do {
        const auto page = list(bench, query);
        REQUIRE(page);
        for (const ObjectReport& each : page->objects)
            found.push_back(each.object.id);
        query.cursor = page->next;
        if (found.size() == 6) { // what went, and what came before the cursor, changes nothing
            bench.index->forget(std::span(&expected[3], 1));
            bench.add(a, 100'000);
        }
    } while (!query.cursor.empty());
    expected.push_back(used);
    CHECK(found == expected);

    const auto of_b = list(bench, {.volume = "b"});
    REQUIRE(of_b);
    CHECK(of_b->objects.size() == 9);
    CHECK(of_b->next.empty());
    CHECK(of_b->objects[0].volume == "b");
    CHECK(of_b->objects[0].path == "cache/Ib/@07/" + of_b->objects[0].object.name);
}

TEST_CASE("a query that makes no sense is refused") {
    AdminBench bench;
    bench.add(bench.add_mounted("a"), 1);
    bench.start();
    CHECK(list(bench, {.limit = 0}).error().kind == Refusal::Kind::invalid);
    CHECK(list(bench, {.limit = 10'001}).error().kind == Refusal::Kind::invalid);
    CHECK(list(bench, {.volume = "b"}).error().kind == Refusal::Kind::no_such_volume);
    for (const char* cursor : {"x", "1", "1:2", "1:2:", "1:2:3x", "1:2:3:4", " 1:2:3", "1:-2:3",
                               "99999999999999999999:2:3"})
        CHECK(list(bench, {.cursor = cursor}).error().kind == Refusal::Kind::invalid);
    CHECK(list(bench, {.cursor = "-5:0:-5"})->objects.size() == 1);
    const index::RecencyCursor start;
    CHECK(*parse_cursor(format_cursor(start)) == start);
}

TEST_CASE("an object is found by its name and by its number, with what is there of it") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    const index::ObjectId id = bench.index->put({volume, 0xa7}, "Dname", {4096, 5});
    bench.start([](Parts& parts) {
        parts.examine = [](ObjectReport& object) {
            object.content = "content of " + object.path;
        };
    });
    for (const auto& found :
         {show(bench, "v", "Dname"), show(bench, "", "#" + std::to_string(id.value()))}) {
        REQUIRE(found);
        CHECK(found->object.id == id);
        CHECK(found->object.attributes.last_use == 5);
        CHECK(found->volume == "v");
        CHECK(found->path == "cache/Iv/@a7/Dname");
        CHECK(found->content == "content of cache/Iv/@a7/Dname");
    }
    CHECK(show(bench, "v", "Dother").error().kind == Refusal::Kind::no_such_object);
    CHECK(show(bench, "w", "Dname").error().kind == Refusal::Kind::no_such_volume);
    for (const char* name : {"Dname", "", "#", "#1", "#x", "# 5"})
        CHECK(show(bench, "", name).error().kind == Refusal::Kind::no_such_object);
}

TEST_CASE("ages: each object in one of them, what is in use in the first") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    for (const Seconds age : {0, 59, 60, 61, 3'600, 3'601, 1'000'000})
        bench.add(volume, age, 100);
    bench.add(volume, -5, 100); // of the future
    bench.index->put({volume, 0}, "Dused", {1, 1, index::ObjectState::in_use});
    bench.start();
    const auto counted = ages(bench, {60, 3'600});
    REQUIRE(counted);
    REQUIRE(counted->size() == 3);
    CHECK((*counted)[0].objects == 5);
    CHECK((*counted)[0].bytes == 401);
    CHECK((*counted)[1].objects == 2);
    CHECK((*counted)[2].objects == 2);
    CHECK((*counted)[2].bytes == 200);
    CHECK(ages(bench, {})->front().objects == 9);
    CHECK(ages(bench, {5, 4}).error().kind == Refusal::Kind::invalid);
    CHECK(ages(bench, {-5}).error().kind == Refusal::Kind::invalid);
}

TEST_CASE("a question of many steps lets the report be made in between") {
    SharedClock clock;
    RecordingLog log;
    std::atomic<int> looks{0};
    Desk desk(clock, log, [&looks] { ++looks; });
    std::promise<int> answered;
    int steps = 0;
    desk.ask({[&] {
                  clock.advance(Desk::interval);
                  if (++steps < 5)
                      return true;
                  answered.set_value(looks);
                  return false;
              },
              [](const Refusal&) {
              }});
    desk.start();
    CHECK(answered.get_future().get() == 5);
    std::promise<Refusal::Kind> refused;
    desk.ask({[]() -> bool { throw std::runtime_error("no"); },
              [&refused](const Refusal& refusal) {
                  refused.set_value(refusal.kind);
              }});
    CHECK(refused.get_future().get() == Refusal::Kind::failed);
}

TEST_SUITE_END();
