// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/faults.hpp"
#include "tests/unit/cache/store/indexed_bench.hpp"

#include <sqlite3.h>

#include <fcntl.h>

#include <cerrno>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;
namespace faults = cachefiles::cache::store::faults;

namespace {

/// As the driver leaves it: no content id, data where there are no holes.
void make_as_driver(IndexedBench& bench, const std::string& key, const Coherency& coherency,
                    const std::vector<std::uint64_t>& blocks, char with) {
    bench.make(key, coherency, 0, 1, with);
    const std::filesystem::path path = bench.path(key);
    const Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(ftruncate(fd.get(), 0) == 0);
    REQUIRE(ftruncate(fd.get(), static_cast<off_t>((coherency.object_size + 4095) / 4096 * 4096)) ==
            0);
    for (const std::uint64_t number : blocks) {
        const std::string bytes(std::min(block, coherency.object_size - number * block), with);
        REQUIRE(pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(number * block)) ==
                static_cast<ssize_t>(bytes.size()));
    }
    protocol::ObjectXattr xattr;
    xattr.object_size = coherency.object_size;
    xattr.aux = coherency.aux;
    set_attribute(path, protocol::format_object_xattr(xattr));
}

bool is_hole(const std::filesystem::path& path, std::uint64_t number) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const off_t at = lseek(fd.get(), static_cast<off_t>(number * block), SEEK_DATA);
    return at < 0 || static_cast<std::uint64_t>(at) >= (number + 1) * block;
}

const Coherency wanted{"a", 6 * block + 10};

} // namespace

TEST_SUITE_BEGIN("cache::store contents");

TEST_CASE("what was filled is present at the next lookup, by the id that the file has") {
    NEED_A_STORE();
    IndexedBench bench;
    auto object = bench.take("key", wanted, false);
    fill(*object, block, 2 * block, 'x');
    fill(*object, 6 * block, 10, 'y');
    fill(*object, 4 * block + 5, block, 'z'); // no whole one
    CHECK_FALSE(bench.row("key"));
    object->detach(Ending::commit, wanted);
    const index::ContentId id = bench.content_id("key");
    CHECK(id != 0);
    CHECK(bench.indexed("key") == "1-2,6");
    for (const bool index_too : {false, true}) {
        object.reset();
        bench.reopen(index_too);
        object = bench.take("key", wanted);
        CHECK(present(*object) == "1-2,6");
        CHECK(byte_at(*object, block) == 'x');
        object->detach(Ending::commit, wanted);
        CHECK(bench.content_id("key") == id);
        CHECK(is_hole(bench.path("key"), 4));
    }
}

TEST_CASE("a file that the driver made has what is no hole, and an id from then on") {
    NEED_A_STORE();
    IndexedBench bench;
    make_as_driver(bench, "key", wanted, {0, 3, 6}, 'd');
    CHECK(bench.content_id("key") == 0);
    for (int time = 0; time < 3; ++time) {
        CAPTURE(time);
        bench.reopen(time == 2);
        const auto object = bench.take("key", wanted);
        CHECK(present(*object) == "0,3,6");
        CHECK(bench.content_id("key") != 0);
        CHECK(bench.indexed("key") == "0,3,6");
        object->detach(Ending::commit, wanted);
        CHECK(is_hole(bench.path("key"), 1));
    }
}

TEST_CASE("the driver wrote the attribute anew: what the index knew does not count") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 7, 'x');
    CHECK(bench.indexed("key") == "0-6");
    make_as_driver(bench, "key2", wanted, {2}, 'd');
    std::filesystem::rename(bench.path("key2"), bench.path("key"));
    bench.reopen();
    const auto object = bench.take("key", wanted);
    CHECK(present(*object) == "2");
    CHECK(bench.indexed("key") == "2");
}

TEST_CASE("holes that somebody made are not present, and the file has another id") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 7, 'x');
    const index::ContentId before = bench.content_id("key");
    {
        const Fd fd(open(bench.path("key").c_str(), O_RDWR | O_CLOEXEC));
        REQUIRE(fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                          static_cast<off_t>(2 * block + 4096), 4096) == 0);
    }
    bench.reopen();
    const auto object = bench.take("key", wanted);
    CHECK(present(*object) == "0-1,3-6");
    CHECK(bench.content_id("key") != before);
    CHECK(bench.indexed("key") == "0-1,3-6");
    object->detach(Ending::commit, wanted);
    CHECK(is_hole(bench.path("key"), 2)); // what was left of it, too
}

TEST_CASE("after a crash only what was committed is present; the rest is no data for anybody") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 1, 'x');
    auto object = bench.take("key", wanted);
    fill(*object, 2 * block, block, 'y');
    CHECK(bench.store.store->commit());
    CHECK(bench.indexed("key") == "0,2");
    fill(*object, 4 * block, block, 'z');
    CHECK(present(*object) == "0,2,4");
    object.reset(); // without detach: as a crash leaves it
    bench.reopen();
    object = bench.take("key", wanted);
    CHECK(present(*object) == "0,2");
    object->detach(Ending::commit, wanted);
    CHECK(is_hole(bench.path("key"), 4));
    CHECK_FALSE(is_hole(bench.path("key"), 2));
}

TEST_CASE("blocks that wait when an object is let go of are committed then") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 1, 'x');
    auto object = bench.take("key", wanted);
    fill(*object, 2 * block, block, 'y');
    CHECK(bench.indexed("key") == "0");
    faults::fail_nth(faults::flush, EIO, 1);
    SUBCASE("after their data") {
        CHECK(faults::clear() == 0);
        object->detach(Ending::commit, wanted);
        CHECK(bench.indexed("key") == "0,2");
    }
    SUBCASE("not at all if that cannot be brought to the disk") {
        object->detach(Ending::commit, wanted);
        CHECK(faults::clear() == 1);
        CHECK(bench.store.events.count() == 1);
        CHECK_FALSE(std::filesystem::exists(bench.path("key")));
        CHECK_FALSE(bench.row("key"));
    }
}

TEST_CASE("a file that cannot be brought to the disk is of no use any more, and is not kept") {
    NEED_A_STORE();
    for (const int error : {EIO, ENOSPC}) {
        CAPTURE(error);
        IndexedBench bench;
        bench.make("key", wanted, 0, 1, 'x');
        const auto object = bench.take("key", wanted);
        fill(*object, 2 * block, block, 'y');
        faults::fail_nth(faults::flush, error, 1);
        CHECK_FALSE(bench.store.store->commit());
        CHECK(faults::clear() == 1);
        CHECK(object->file()->content().ended());
        CHECK((bench.store.events.count() == 1) == (error == EIO));
        object->detach(Ending::commit, wanted);
        CHECK_FALSE(std::filesystem::exists(bench.path("key")));
    }
}

TEST_CASE("when the index has no room blocks wait, and are tried again") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 1, 'x');
    REQUIRE(bench.index->commit());
    const auto object = bench.take("key", wanted);
    fill(*object, 2 * block, block, 'y');
    bench.faults.fail_at_random(SQLITE_FULL, 1, 1);
    CHECK_FALSE(bench.store.store->commit());
    CHECK(bench.faults.clear() > 0);
    CHECK(present(*object) == "0,2");
    CHECK(bench.store.store->commit());
    CHECK(bench.indexed("key") == "0,2");
}

TEST_CASE("a file from which blocks were taken has another id when it is kept") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 7, 'x');
    const index::ContentId before = bench.content_id("key");
    auto object = bench.take("key", wanted);
    Coherency last = wanted;
    const auto resize = [&](std::uint64_t size) { // as the model does it
        object->file()->content().resize(size);
        object->resize(std::exchange(last.object_size, size), size);
    };
    SUBCASE("shrunk") {
        resize(3 * block);
        CHECK(bench.attribute("key")->content == protocol::Content::dirty);
        object->detach(Ending::commit, last);
        CHECK(bench.indexed("key") == "0-2");
    }
    SUBCASE("shrunk and grown: what was there before does not come back") {
        resize(3 * block + 1);
        resize(6 * block);
        object->detach(Ending::commit, last);
        CHECK(bench.indexed("key") == "0-2");
        CHECK(is_hole(bench.path("key"), 3));
    }
    SUBCASE("grown over its incomplete last block") {
        resize(8 * block);
        CHECK(bench.attribute("key")->content == protocol::Content::dirty);
        object->detach(Ending::commit, last);
        CHECK(bench.indexed("key") == "0-5");
    }
    CHECK(bench.content_id("key") != before);
    CHECK(bench.index->content_maps(bench.row("key")->id, before).empty());
    object = bench.take("key", last);
    CHECK(present(*object) == bench.indexed("key"));
}

TEST_CASE("a commit that comes too late for its file reaches nobody's blocks") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 1, 'x');
    const auto object = bench.take("key", wanted);
    const std::shared_ptr<BackendFile> old = object->file();
    fill(*object, block, block, 'y');
    CHECK(object->invalidate(wanted));
    old->commit_later(3, 1);
    CHECK(bench.store.store->commit());
    fill(*object, 5 * block, block, 'n');
    object->detach(Ending::commit, wanted);
    old->commit_later(4, 1);
    CHECK(bench.store.store->commit());
    CHECK(bench.indexed("key") == "5");
    CHECK(present(*bench.take("key", wanted)) == "5");
}

TEST_CASE("what was granted and not written is a hole when the object is let go of") {
    NEED_A_STORE();
    IndexedBench bench;
    const auto object = bench.take("key", wanted, false);
    fill(*object, 0, block, 'x');
    const auto grant =
        prepare_write(object->file(), WritePurpose::fill, 2 * block, 2 * block).value();
    write_file(grant.file->descriptor(), 'j', 5 * block);
    fill(*object, 3 * block, block, 'y');
    object->detach(Ending::commit, wanted);
    CHECK(is_hole(bench.path("key"), 2));
    CHECK_FALSE(is_hole(bench.path("key"), 3));
    CHECK(bench.indexed("key") == "0,3");
}

TEST_CASE("the row of an object has the life of its name") {
    NEED_A_STORE();
    IndexedBench bench;
    auto object = bench.take("key", wanted, false);
    fill(*object, 0, 2 * block, 'x');
    CHECK(bench.index->totals().objects == 0);
    object->detach(Ending::commit, wanted);
    REQUIRE(bench.row("key"));
    CHECK(bench.row("key")->attributes.bytes >= 2 * block);
    CHECK(bench.row("key")->attributes.last_use == bench.store.clock.now());
    CHECK(bench.store.changed.size() == 1);

    bench.store.clock.advance(std::chrono::minutes(5));
    object = bench.take("key", wanted); // used at lookup
    CHECK(bench.row("key")->attributes.last_use == bench.store.clock.now());
    fill(*object, 3 * block, block, 'x');
    // The culler meets it.
    bench.index->set_state(std::vector{bench.row("key")->id}, index::ObjectState::in_use);
    bench.store.clock.advance(std::chrono::minutes(5));
    object->detach(Ending::commit, wanted);
    CHECK(bench.row("key")->attributes.bytes >= 3 * block);
    CHECK(bench.row("key")->attributes.state == index::ObjectState::idle);
    CHECK(bench.row("key")->attributes.last_use == bench.store.clock.now());

    object = bench.take("key", wanted);
    object->detach(Ending::retire, wanted);
    CHECK_FALSE(bench.row("key"));
    CHECK(bench.index->totals() == index::Totals{});
    CHECK(bench.store.changed.size() == 2);
    CHECK(bench.index->verify().empty());
}

TEST_CASE("objects and volumes with names that the driver cannot make are known, too") {
    NEED_A_STORE();
    IndexedBench bench;
    const std::string key(255, 'k');
    bench.make(key, wanted, 0, 1, 'x');
    REQUIRE(bench.row(key));
    CHECK(bench.row(key)->name.starts_with("Ex"));
    const std::string strange = "a/b";
    bench.volume = bench.store.attach(strange);
    const Lookup lookup = bench.store.look_up(*bench.volume, "k", wanted, strange);
    REQUIRE(lookup.object);
    lookup.object->detach(Ending::commit, wanted);
    bool known = false;
    for (const index::Volume& one : bench.index->volumes())
        known = known || (one.key == strange && one.totals.objects == 1);
    CHECK(known);
}

TEST_CASE("a volume that is replaced takes its rows with it") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 1, 'x');
    bench.volume->detach("");
    bench.volume = bench.store.attach(StoreBench::volume_key, "other");
    REQUIRE(bench.volume);
    CHECK(bench.index->totals().objects == 0);
    CHECK_FALSE(bench.row("key"));
    bench.make("key", wanted, 1, 1, 'y');
    CHECK(bench.indexed("key") == "1");
}

TEST_CASE("a volume that is discarded takes its rows with it") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 1, 'x');
    bench.volume->discard();
    CHECK(bench.index->totals().objects == 0);
    CHECK(bench.index->volumes().empty());
    bench.volume = bench.store.attach();
    REQUIRE(bench.volume);
    bench.make("key", wanted, 1, 1, 'y');
    CHECK(bench.indexed("key") == "1");
}

TEST_CASE("an index that was lost costs the blocks, and no more") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 3, 'x');
    bench.index->forget({bench.row("key")->id.directory()}, bench.row("key")->name);
    const auto object = bench.take("key", wanted);
    CHECK(present(*object).empty());
    fill(*object, block, block, 'y');
    object->detach(Ending::commit, wanted);
    CHECK(bench.indexed("key") == "1");
}

TEST_CASE("a file and room that outlive the store hold up nobody") {
    NEED_A_STORE();
    IndexedBench bench;
    auto object = bench.take("key", wanted, false);
    auto grant = prepare_write(object->file(), WritePurpose::fill, 0, block).value();
    object->detach(Ending::retire, wanted);
    object.reset();
    bench.reopen(true); // the lock of the directory is free
    CHECK(commit_write(std::move(grant), 0, block) == 0);
}

// --- what the driver is known for ---------------------------------------------------------------

TEST_CASE(
    "driver defect: a failed invalidation never leaves old contents under new coherency data") {
    NEED_A_STORE();
    for (unsigned nth = 1; nth < 8; ++nth) {
        CAPTURE(nth);
        IndexedBench bench;
        bench.make("key", wanted, 0, 7, 'o');
        const auto object = bench.take("key", wanted);
        faults::fail_nth(faults::every, EIO, nth);
        const bool replaced = object->invalidate({"b", wanted.object_size});
        faults::clear();
        CHECK(replaced == (object->file() != nullptr));
        object->detach(replaced ? Ending::commit : Ending::retire, {"b", wanted.object_size});
        for (const char* aux : {"a", "b"}) {
            const Lookup lookup = bench.look_up("key", {aux, wanted.object_size});
            REQUIRE(lookup.object);
            CHECK(present(*lookup.object).empty());
            lookup.object->detach(Ending::commit, {aux, wanted.object_size});
        }
    }
}

TEST_CASE("driver defect: an object whose attribute is bad can be used again") {
    NEED_A_STORE();
    for (const std::string& bad : {std::string(), std::string(400, 'x'), std::string("short")}) {
        IndexedBench bench;
        bench.make("key", wanted, 0, 7, 'o');
        if (bad.empty())
            REQUIRE(removexattr(bench.path("key").c_str(), protocol::xattr_name) == 0);
        else
            set_attribute(bench.path("key"), bad);
        bench.reopen();
        bench.make("key", wanted, 1, 1, 'n');
        const auto object = bench.take("key", wanted);
        CHECK(present(*object) == "1");
        CHECK(byte_at(*object, block) == 'n');
    }
}

TEST_CASE("driver defect: a volume's coherency data are kept when it is relinquished") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.volume = bench.store.attach(StoreBench::volume_key, "old");
    bench.make("key", wanted, 0, 1, 'x');
    bench.volume->detach("new");
    bench.volume = bench.store.attach(StoreBench::volume_key, "new");
    CHECK(present(*bench.take("key", wanted)) == "0");
}

TEST_CASE("driver defect: an object in modifying use is dirty on the disk, however it ends") {
    NEED_A_STORE();
    IndexedBench bench;
    bench.make("key", wanted, 0, 7, 'o');
    auto object = bench.take("key", wanted);
    object->prepare_to_write();
    CHECK(bench.attribute("key")->content == protocol::Content::dirty);
    fill(*object, 0, block, 'n');
    CHECK(bench.store.store->commit());
    object.reset(); // a crash
    bench.reopen();
    object = bench.take("key", wanted, false);
    CHECK(present(*object).empty());
}

TEST_SUITE_END();
