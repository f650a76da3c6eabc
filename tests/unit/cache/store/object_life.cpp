// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/store/object_life.hpp"

#include "cache/store/alternative_name.hpp"

#include <utility>

namespace cachefiles::tests {
namespace {

constexpr char nothing = '!'; // what must not be found
constexpr int small = 6;      // versions from here on have one unit, the others two

} // namespace

ObjectLife::ObjectLife(StoreBench& bench, std::string key)
    : bench_(bench), key_(std::move(key)), volume_(bench.attach()) {
    REQUIRE(volume_);
}

cache::Coherency ObjectLife::version(int number) {
    return {std::to_string(number), number < small ? 8192U : 4096U};
}

std::unique_ptr<cache::BackendObject> ObjectLife::take(int number) {
    cache::Lookup lookup = bench_.look_up(*volume_, key_, version(number));
    if (!lookup.object)
        return nullptr;
    const int fd = lookup.object->file()->descriptor();
    if (lookup.result == cache::Lookup::Result::found) {
        CHECK(content_of(fd) == truth_.at(number));
    } else {
        truth_[number] = letter_++;
        write_file(fd, truth_[number], version(number).object_size);
    }
    return std::move(lookup.object);
}

void ObjectLife::create(int number) {
    if (const auto object = take(number))
        object->detach(cache::Ending::commit, version(number));
}

void ObjectLife::modify(int number, int next) {
    const auto object = take(number);
    if (!object)
        return;
    object->prepare_to_write();
    truth_[next] = letter_++;
    write_file(object->file()->descriptor(), truth_[next], version(next).object_size);
    object->detach(cache::Ending::commit, version(next));
}

void ObjectLife::update(int number, int next) {
    const auto object = take(number);
    if (!object)
        return;
    truth_[next] = truth_[number];
    object->detach(cache::Ending::commit, version(next));
}

void ObjectLife::invalidate(int number, int next) {
    const auto object = take(number);
    if (!object)
        return;
    truth_[next] = letter_++;
    const bool replaced = object->invalidate(version(next));
    CHECK(replaced == (object->file() != nullptr));
    if (replaced)
        write_file(object->file()->descriptor(), truth_[next], version(next).object_size);
    object->detach(cache::Ending::commit, version(next));
}

void ObjectLife::shrink(int number, int next) {
    const auto object = take(number);
    if (!object)
        return;
    truth_[next] = truth_[number];
    object->resize(version(number).object_size, 4000);
    if (object->file()) // the 96 bytes of zeros
        write_file(object->file()->descriptor(), truth_[next], 4096);
    object->detach(cache::Ending::commit, version(next));
}

void ObjectLife::retire(int number) {
    const auto object = take(number);
    if (!object)
        return;
    truth_[number] = nothing;
    object->detach(cache::Ending::retire, version(number));
}

void ObjectLife::run() {
    create(1);
    create(2);        // 1 is stale, and replaced
    modify(2, 2);     // the same coherency data
    modify(2, 3);     // others
    update(3, 4);     // others, of the same content
    invalidate(4, 4); // the same
    invalidate(4, 5); // others
    shrink(5, small);
    retire(small);
    create(small + 1); // stays
    volume_->detach("");
    volume_.reset();
}

void ObjectLife::verify() {
    volume_.reset();
    CHECK(bench_.store->in_use().count() == 0);
    for (const std::string& file : bench_.files()) {
        CAPTURE(file);
        const std::string name = std::filesystem::path(file).filename();
        CHECK((may_leave_temporary || !cache::store::is_left_over(name)));
    }
    bench_.reopen();
    volume_ = bench_.attach();
    REQUIRE(volume_);
    for (const auto& [number, content] : truth_) {
        CAPTURE(number);
        const cache::Lookup lookup = bench_.look_up(*volume_, key_, version(number));
        REQUIRE(lookup.object);
        if (lookup.result == cache::Lookup::Result::found)
            CHECK(content_of(lookup.object->file()->descriptor()) == content);
    }
    bench_.put(*volume_, key_, {"last", 4096}, 'z');
    cache::Lookup last = bench_.look_up(*volume_, key_, {"last", 4096});
    CHECK(last.result == cache::Lookup::Result::found);
    CHECK(content_of(last.object->file()->descriptor()) == 'z');
    last.object->detach(cache::Ending::retire, {});
    last.object.reset();
    volume_.reset();
    CHECK(bench_.store->in_use().count() == 0);
}

} // namespace cachefiles::tests
