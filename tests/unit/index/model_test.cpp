// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;
using namespace std::chrono_literals;

namespace {

/// The same index in the simplest way.
struct Model {
    using Key = std::pair<DirectoryId, std::string>;
    std::map<Key, Object> objects;
    std::map<DirectoryId, std::int64_t> marks;

    [[nodiscard]] std::vector<Object> oldest(std::optional<VolumeId> only) const {
        std::vector<Object> found;
        for (const auto& [key, object] : objects) {
            if (object.attributes.state == ObjectState::idle &&
                (!only || key.first.volume == *only))
                found.push_back(object);
        }
        std::ranges::sort(found, {}, [](const Object& object) {
            return std::tuple(object.attributes.last_use, ~object.attributes.bytes, object.id);
        });
        return found;
    }
    [[nodiscard]] Totals totals(VolumeId volume) const {
        Totals sum;
        for (const auto& [key, object] : objects) {
            if (key.first.volume != volume)
                continue;
            ++sum.objects;
            sum.bytes += object.attributes.bytes;
            sum.in_use += object.attributes.state == ObjectState::in_use ? 1 : 0;
        }
        return sum;
    }
};

/// Does the same things to both, at random.
struct Run : IndexFixture {
    Model model;
    std::mt19937_64 random{20260101};
    std::vector<VolumeId> volumes;

    Run() {
        options.hooks = std::make_shared<TestHooks>(
            TestHooks{.name_mask = 0x3f, .sync = false}); // names collide
        open();
        for (const char* key : {"a", "b", "c"})
            volumes.push_back(index->add_volume(key));
    }

    std::uint64_t below(std::uint64_t end) { return random() % end; }
    DirectoryId any_directory() {
        return {volumes[below(volumes.size())], static_cast<std::uint8_t>(below(3))};
    }
    std::string any_name() { return "n" + std::to_string(below(30)); }
    Attributes any_attributes() {
        return {below(4) * 512, static_cast<Seconds>(100 + below(40)),
                below(5) == 0 ? ObjectState::in_use : ObjectState::idle};
    }
    Object* any_object() {
        if (model.objects.empty())
            return nullptr;
        auto at = model.objects.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(below(model.objects.size())));
        return &at->second;
    }

    void put() {
        const DirectoryId place = any_directory();
        const std::string name = any_name();
        const Attributes attributes = any_attributes();
        const ObjectId id = index->put(place, name, attributes);
        if (id != ObjectId())
            model.objects[{place, name}] = {id, name, attributes};
    }
    void put_all() {
        const DirectoryId place = any_directory();
        std::vector<Object> found;
        for (std::uint64_t i = below(20); i > 0; --i)
            found.push_back({ObjectId(), any_name(), any_attributes()});
        index->put_all(place, found);
        for (const Object& object : found) {
            const std::optional<Object> now = index->find(place, object.name);
            if (!now)
                continue; // its window is full
            const auto [known, fresh] = model.objects.try_emplace({place, object.name}, object);
            Object& expected = known->second;
            expected.id = now->id;
            expected.attributes.bytes = object.attributes.bytes;
            if (!fresh)
                expected.attributes.last_use =
                    std::max(expected.attributes.last_use, object.attributes.last_use);
        }
    }
    void touch() {
        if (Object* object = any_object(); object != nullptr) {
            const auto time = static_cast<Seconds>(100 + below(60));
            index->touch(object->id, time);
            object->attributes.last_use = std::max(object->attributes.last_use, time);
        }
    }
    void set_state() {
        Object* object = any_object();
        if (object == nullptr)
            return;
        const ObjectState state = below(2) == 0 ? ObjectState::idle : ObjectState::in_use;
        std::optional<Seconds> time;
        if (below(2) == 0)
            time = static_cast<Seconds>(100 + below(60));
        index->set_state(std::span(&object->id, 1), state, time);
        object->attributes.state = state;
        object->attributes.last_use = std::max(object->attributes.last_use, time.value_or(0));
    }
    void set_all_idle() {
        index->set_all_idle();
        for (auto& [key, object] : model.objects)
            object.attributes.state = ObjectState::idle;
    }
    void forget() {
        Object* found = any_object();
        if (found == nullptr)
            return;
        const Object object = *found;
        switch (below(3)) {
        case 0:
            index->forget(std::span(&object.id, 1));
            break;
        case 1:
            REQUIRE(index->forget(object.id.directory(), object.name));
            break;
        default:
            (void)index->oldest({.limit = 1}); // so that the row is what the model holds
            REQUIRE(index->forget(std::span(&object, 1)) == 1);
        }
        model.objects.erase({object.id.directory(), object.name});
    }
    void mark() {
        const DirectoryId place = any_directory();
        if (below(3) == 0) {
            index->clear_mark(place);
            model.marks.erase(place);
        } else {
            const auto time = static_cast<std::int64_t>(below(1000));
            index->set_mark(place, time);
            model.marks[place] = time;
        }
    }
    void replace_volume() {
        const std::size_t which = below(volumes.size());
        const VolumeId old = volumes[which];
        REQUIRE(index->remove_volume(old) == model.totals(old));
        std::erase_if(model.objects,
                      [old](const auto& entry) { return entry.first.first.volume == old; });
        std::erase_if(model.marks, [old](const auto& entry) { return entry.first.volume == old; });
        volumes[which] = index->add_volume("v" + std::to_string(random()));
    }
    void pass_time() {
        clock.advance(std::chrono::seconds(below(40)));
        REQUIRE(index->commit_if_due());
    }

    void step() {
        const std::uint64_t choice = below(1000);
        if (choice < 250)
            put();
        else if (choice < 300)
            put_all();
        else if (choice < 500)
            touch();
        else if (choice < 650)
            set_state();
        else if (choice < 850)
            forget();
        else if (choice < 900)
            mark();
        else if (choice < 990)
            pass_time();
        else if (choice < 994)
            set_all_idle();
        else if (choice < 998)
            replace_volume();
        else
            open();
    }

    void compare() {
        std::optional<VolumeId> only;
        if (below(2) == 0)
            only = volumes[below(volumes.size())];
        const std::vector<Object> expected = model.oldest(only);
        // Not by designated initializer: g++ 12 then warns of `except`.
        OldestQuery query;
        query.limit = 1 + below(200);
        query.only = only;
        const std::vector<Object> found = index->oldest(query);
        REQUIRE(found.size() == std::min<std::size_t>(query.limit, expected.size()));
        REQUIRE(std::ranges::equal(found, std::span(expected).first(found.size())));
        if (!only) {
            const std::uint64_t skip = below(expected.size() + 1);
            REQUIRE(index->nth_oldest_use(skip) ==
                    (skip < expected.size() ? std::optional(expected[skip].attributes.last_use)
                                            : std::nullopt));
        }
        for (const VolumeId volume : volumes)
            REQUIRE(index->volume(volume)->totals == model.totals(volume));
        const auto marks = index->marks();
        REQUIRE(std::ranges::equal(marks, model.marks, [](const auto& left, const auto& right) {
            return left.first == right.first && left.second == right.second;
        }));
    }
};

} // namespace

TEST_CASE_FIXTURE(Run, "random work gives what the simplest index gives") {
    for (int i = 0; i < 20'000; ++i) {
        step();
        if (i % 50 == 0)
            compare();
        if (i % 2000 == 0)
            REQUIRE(index->verify() == std::vector<std::string>());
        for (int tries = 0; tries < 2; ++tries) {
            const Object* object = any_object();
            if (object != nullptr)
                REQUIRE(index->find(object->id) == *object);
        }
    }
    CHECK(log.lines().empty());
}
