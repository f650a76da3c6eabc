// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/alternative_name.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <sys/xattr.h>

#include <string>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;
using namespace std::string_literals;

namespace {

const std::string one = "/";
const std::string two = "/\0"s;
const Coherency same{"aux", 4096};

char content(StoreBench& bench, BackendVolume& volume, const std::string& key) {
    const Lookup lookup = bench.look_up(volume, key, same);
    REQUIRE(lookup.object);
    return lookup.result == Lookup::Result::found ? content_of(lookup.object->file()->descriptor())
                                                  : '-';
}

} // namespace

TEST_CASE("keys that the driver gives one name are two objects") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, one, same, '1');
    bench.put(*volume, two, same, '2');
    CHECK(content(bench, *volume, one) == '1');
    CHECK(content(bench, *volume, two) == '2');
    CHECK(bench.files() ==
          std::vector<std::string>{"Ierofs,test/@9e/" + cache::store::alternative_object_name(two),
                                   "Ierofs,test/@9e/T2f"});
    CHECK(attribute_of(bench.path("@9e", "T2f"), "user.CacheFiles.key") == "2f");
    CHECK(content(bench, *volume, "/\0\0"s) == '-');
}

TEST_CASE("both may be in use at once, also while they are new") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const Lookup first = bench.look_up(*volume, one, same);
    const Lookup second = bench.look_up(*volume, two, same);
    REQUIRE(first.object);
    REQUIRE(second.object);
    write_file(first.object->file()->descriptor(), '1', 4096);
    write_file(second.object->file()->descriptor(), '2', 4096);
    second.object->detach(Ending::commit, same);
    first.object->detach(Ending::commit, same);
    CHECK(content(bench, *volume, one) == '1');
    CHECK(content(bench, *volume, two) == '2');
}

TEST_CASE("who was given another name does not keep the first from its owner") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, one, same, '1');
    const Lookup second = bench.look_up(*volume, two, same);
    CHECK(second.result == Lookup::Result::created);
    CHECK(content(bench, *volume, one) == '1');
    second.object->detach(Ending::retire, same);
    CHECK(content(bench, *volume, one) == '1');
}

TEST_CASE("who has a name of its own keeps it when the other becomes free") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, one, same, '1');
    bench.put(*volume, two, same, '2');
    bench.look_up(*volume, one, same).object->detach(Ending::retire, same);
    CHECK(content(bench, *volume, two) == '2');
    bench.put(*volume, two, same, '3');
    CHECK(bench.files().size() == 1);
    CHECK(content(bench, *volume, two) == '3');
    CHECK(content(bench, *volume, one) == '-');
}

TEST_CASE("an object of the driver belongs to who finds it first") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, one, same, '1');
    REQUIRE(removexattr(bench.path("@9e", "T2f").c_str(), "user.CacheFiles.key") == 0);
    CHECK(content(bench, *volume, two) == '1'); // the driver knows no difference
    CHECK(content(bench, *volume, one) == '-');
}

TEST_CASE("keys that the driver cannot name at all are cached") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    for (const std::string& key :
         {std::string(253, 'p'), std::string(255, 'p'), std::string(190, '\x81')}) {
        bench.put(*volume, key, same, 'l');
        CHECK(content(bench, *volume, key) == 'l');
        CHECK(bench.look_up(*volume, key, same).object->invalidate(same));
        CHECK(content(bench, *volume, key) == '-');
    }
    CHECK(bench.files().empty());
}

TEST_CASE("a long key of the same hash is replaced, never mistaken") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const std::string key(253, 'p');
    bench.put(*volume, key, same, 'l');
    const auto path = bench.root() / "cache" / bench.files().front();
    set_attribute(path, "another", "user.CacheFiles.key");
    CHECK(content(bench, *volume, key) == '-');
    bench.put(*volume, key, same, 'm');
    CHECK(content(bench, *volume, key) == 'm');
    CHECK(bench.files().size() == 1);
}
