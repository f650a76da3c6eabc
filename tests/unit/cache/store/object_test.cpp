// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/faults.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;
namespace faults = cachefiles::cache::store::faults;

namespace {

constexpr const char* clean_aux = "00000000000013880000000000000000" // 5000
                                  "0100"
                                  "616263";
constexpr const char* dirty_aux = "00000000000013880000000000000000"
                                  "0104"
                                  "616263";
const Coherency abc{"abc", 5000};

/// A committed object, in use.
struct Found {
    Found() {
        bench.put(*volume, "test.img", abc, 'a');
        lookup = bench.look_up(*volume, "test.img", abc);
        REQUIRE(lookup.result == Lookup::Result::found);
    }
    [[nodiscard]] BackendObject& object() const { return *lookup.object; }
    /// As if the machine had stopped here, and started again. What there is then.
    Lookup::Result after_crash(const Coherency& wanted) {
        lookup.object.reset();
        volume.reset();
        bench.reopen();
        volume = bench.attach();
        lookup = bench.look_up(*volume, "test.img", wanted);
        return lookup.result;
    }

    StoreBench bench;
    std::unique_ptr<BackendVolume> volume = bench.attach();
    Lookup lookup;
    std::filesystem::path path = bench.path("@73", "Dtest.img");
};

} // namespace

TEST_CASE("commit gives a new object its attribute and its name") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const Lookup lookup = bench.look_up(*volume, "test.img", {"xyz", 5000});
    write_file(lookup.object->file()->descriptor(), 'a', 8192);
    lookup.object->detach(Ending::commit, abc);
    CHECK(lookup.object->file() == nullptr);
    const auto path = bench.path("@73", "Dtest.img");
    CHECK(bench.files() == std::vector<std::string>{"Ierofs,test/@73/Dtest.img"});
    CHECK(attribute_of(path) == clean_aux);
    CHECK_FALSE(attribute_of(path, "user.CacheFiles.key"));
    struct stat status{};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK(status.st_mode == (S_IFREG | 0600));
    CHECK(status.st_nlink == 1);
    CHECK(status.st_size == 8192);
    CHECK(bench.store->in_use().count() == 1);
}

TEST_CASE("names and attributes are the format's") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    using namespace std::string_literals;
    bench.put(*volume, "test.img", {"", 0}, 'a');
    bench.put(*volume, "a/b", {"\xaa\xbb", 1}, 'a');
    bench.put(*volume, "\1\0\0\0\0\0\0\0"s, {"", 0x1001}, 'a');
    bench.put(*volume, "\0\0\0\0\0\0\0\1"s, {"\0\x11\x22\x33\x44\x55\x66\x77\x88\x99"s, 0x1000},
              'a');
    bench.put(*volume, "\xff\xfe\xfd", {"", 12345}, 'a');
    bench.put(*volume, "sha256/0123456789abcdef", {"", 1}, 'a');
    CHECK(bench.files() ==
          std::vector<std::string>{"Ierofs,test/@2e/E1PxmoOkzdL0jcOc3dRoPdUAjoyd6pBp60",
                                   "Ierofs,test/@63/E0-Xv-", "Ierofs,test/@73/Dtest.img",
                                   "Ierofs,test/@82/E0xZyo", "Ierofs,test/@86/T1,",
                                   "Ierofs,test/@9b/S,1"});
    CHECK(attribute_of(bench.path("@73", "Dtest.img")) == "000000000000000000000000000000000100");
    CHECK(attribute_of(bench.path("@82", "E0xZyo")) == "000000000000000100000000000000000100aabb");
    CHECK(attribute_of(bench.path("@86", "T1,")) == "000000000000100100000000000000000100");
    CHECK(attribute_of(bench.path("@9b", "S,1")) ==
          "00000000000010000000000000000000010000112233445566778899");
    CHECK(attribute_of(bench.path("@63", "E0-Xv-")) == "000000000000303900000000000000000100");
}

TEST_CASE("commit of what did not change leaves the file alone") {
    NEED_A_STORE();
    Found found;
    struct stat before{}, after{};
    REQUIRE(stat(found.path.c_str(), &before) == 0);
    faults::fail_nth(faults::every, EIO, 1); // no call at all
    found.object().detach(Ending::commit, abc);
    CHECK(faults::clear() == 0);
    REQUIRE(stat(found.path.c_str(), &after) == 0);
    CHECK(before.st_ino == after.st_ino);
}

TEST_CASE("commit notes other coherency data in place") {
    NEED_A_STORE();
    Found found;
    const std::uint64_t inode = inode_of(found.path);
    found.object().detach(Ending::commit, {"new", 6000});
    CHECK(inode_of(found.path) == inode);
    CHECK(attribute_of(found.path) == "0000000000001770000000000000000001006e6577");
}

TEST_CASE("coherency data that do not fit cost the object") {
    NEED_A_STORE();
    Found found;
    found.object().detach(Ending::commit, {std::string(256, 'x'), 1});
    CHECK(found.bench.files().empty());
}

TEST_CASE("a modification is marked, and the mark goes with the commit") {
    NEED_A_STORE();
    Found found;
    found.object().prepare_to_write();
    CHECK(attribute_of(found.path) == dirty_aux);
    found.object().prepare_to_write();
    SUBCASE("commit") {
        found.object().detach(Ending::commit, abc);
        CHECK(attribute_of(found.path) == clean_aux);
    }
    SUBCASE("crash") {
        CHECK(found.after_crash(abc) == Lookup::Result::created);
    }
}

TEST_CASE("a new object is not marked, and a crash leaves nothing of it") {
    NEED_A_STORE();
    StoreBench bench;
    auto volume = bench.attach();
    auto lookup = bench.look_up(*volume, "test.img", abc);
    lookup.object->prepare_to_write();
    write_file(lookup.object->file()->descriptor(), 'b', 4096);
    CHECK_FALSE(
        attribute_of("/proc/self/fd/" + std::to_string(lookup.object->file()->descriptor())));
    lookup.object.reset();
    CHECK(bench.files().empty());
    CHECK(bench.store->in_use().count() == 1);
}

TEST_CASE("what a new object covers does not survive its modification") {
    NEED_A_STORE();
    StoreBench bench;
    auto volume = bench.attach();
    bench.put(*volume, "test.img", abc, 'a');
    auto lookup = bench.look_up(*volume, "test.img", {"abc", 6000});
    REQUIRE(lookup.result == Lookup::Result::created);
    lookup.object->prepare_to_write(); // a local write may bring the size back to 5000
    lookup.object.reset();             // crash
    CHECK(bench.look_up(*volume, "test.img", abc).result == Lookup::Result::created);
}

TEST_CASE("the data reach the disk before what says that they are good") {
    NEED_A_STORE();
    Found found;
    const auto file = found.object().file();
    const std::string descriptor = "/proc/self/fd/" + std::to_string(file->descriptor());
    found.object().prepare_to_write();
    faults::fail_nth(faults::flush, EIO, 1);
    found.object().detach(Ending::commit, {"new", 5000});
    CHECK(faults::clear() == 1);
    CHECK(attribute_of(descriptor) == dirty_aux);
    CHECK(found.bench.files().empty());
    CHECK(found.bench.events.count() == 1);
}

TEST_CASE("an invalidation that nothing else tells from before reaches the disk") {
    NEED_A_STORE();
    Found found;
    faults::fail_nth(faults::flush, EIO, 1);
    SUBCASE("the same coherency data") {
        CHECK(found.object().invalidate(abc));
        CHECK(faults::clear() == 1);
        CHECK(found.bench.events.count() == 1);
    }
    SUBCASE("others: a crash leaves a stale object at worst") {
        CHECK(found.object().invalidate({"new", 5000}));
        CHECK(faults::clear() == 0);
    }
    CHECK(found.after_crash(abc) == Lookup::Result::created);
}

TEST_CASE("retire removes the object") {
    NEED_A_STORE();
    Found found;
    found.object().detach(Ending::retire, abc);
    CHECK(found.bench.files().empty());
    CHECK(found.bench.store->in_use().count() == 1);
}

TEST_CASE("retire of a new object removes what was stale under its name, too") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "test.img", abc, 'a');
    bench.look_up(*volume, "test.img", {"new", 1}).object->detach(Ending::retire, {"new", 1});
    CHECK(bench.files().empty());
}

TEST_CASE("invalidation puts an empty file in the place of the old one") {
    NEED_A_STORE();
    Found found;
    const auto old = found.object().file();
    CHECK(found.object().invalidate({"new", 10000}));
    const auto now = found.object().file();
    CHECK(now != old);
    CHECK(inode_of(now->descriptor()) != inode_of(old->descriptor()));
    CHECK(content_of(old->descriptor()) == 'a'); // whoever reads it goes on
    struct stat status{};
    REQUIRE(fstat(now->descriptor(), &status) == 0);
    CHECK(status.st_size == 12288);
    CHECK(status.st_blocks == 0);
    CHECK(found.bench.files().empty());
    SUBCASE("commit") {
        found.object().detach(Ending::commit, {"new", 10000});
        CHECK(found.bench.files().size() == 1);
        CHECK(inode_of(found.path) == inode_of(now->descriptor()));
    }
    SUBCASE("retire") {
        found.object().detach(Ending::retire, {"new", 10000});
        CHECK(found.bench.files().empty());
    }
    SUBCASE("again") {
        CHECK(found.object().invalidate({"newer", 1}));
        CHECK(found.object().file() != now);
    }
    SUBCASE("crash") {
        CHECK(found.after_crash(abc) == Lookup::Result::created);
    }
}

TEST_CASE("invalidation works below the stop limit") {
    NEED_A_STORE();
    Found found;
    found.bench.limits.files = ~std::uint64_t{0};
    CHECK(found.object().invalidate(abc));
}

TEST_CASE("an object that could not be invalidated is never found again") {
    NEED_A_STORE();
    Found found;
    Coherency now{"new", 5000};
    const auto old = found.object().file();
    SUBCASE("no room") {
        faults::fail_nth(faults::write, ENOSPC, 1);
        CHECK_FALSE(found.object().invalidate(now));
        CHECK(faults::clear() == 1);
    }
    SUBCASE("no room to grow") {
        faults::fail_nth(faults::write, ENOSPC, 2);
        CHECK_FALSE(found.object().invalidate(now));
        CHECK(faults::clear() == 1);
    }
    SUBCASE("a size that is none") {
        CHECK_FALSE(found.object().invalidate({"new", ~std::uint64_t{0}}));
    }
    CHECK(found.object().file() == nullptr);
    CHECK(found.bench.files().empty());
    CHECK(content_of(old->descriptor()) == 'a');
    // The driver commits the new coherency data onto the old file here.
    found.object().detach(Ending::commit, now);
    CHECK(found.bench.events.count() == 0);
    CHECK(found.after_crash(now) == Lookup::Result::created);
    CHECK(found.after_crash(abc) == Lookup::Result::created);
}

TEST_CASE("an old name that cannot be unlinked is made invalid where it is") {
    NEED_A_STORE();
    Found found;
    faults::fail_nth(faults::remove, EPERM, 1);
    SUBCASE("invalidate") {
        CHECK(found.object().invalidate(abc));
    }
    SUBCASE("retire") {
        found.object().detach(Ending::retire, abc);
    }
    CHECK(faults::clear() == 1);
    CHECK(found.bench.events.count() == 0);
    CHECK(found.bench.log.contains("cannot unlink an object"));
    CHECK(found.after_crash(abc) == Lookup::Result::created);
}

TEST_CASE("shrinking cuts, and leaves zeros behind the end") {
    NEED_A_STORE();
    Found found;
    const int fd = found.object().file()->descriptor();
    found.object().resize(5000, 100);
    struct stat status{};
    REQUIRE(fstat(fd, &status) == 0);
    CHECK(status.st_size == 4096);
    std::string bytes(4096, 'x');
    REQUIRE(pread(fd, bytes.data(), bytes.size(), 0) == 4096);
    CHECK(bytes == std::string(100, 'a') + std::string(3996, '\0'));
    SUBCASE("commit") {
        found.object().detach(Ending::commit, {"abc", 100});
        CHECK(attribute_of(found.path) == "000000000000006400000000000000000100616263");
    }
    SUBCASE("crash: the zeros are nothing that the old size could be read with") {
        CHECK(found.after_crash(abc) == Lookup::Result::created);
    }
}

TEST_CASE("shrinking to whole units, and to nothing") {
    NEED_A_STORE();
    Found found;
    struct stat status{};
    for (const std::uint64_t size : {4096, 0}) {
        found.object().resize(5000, size);
        REQUIRE(fstat(found.object().file()->descriptor(), &status) == 0);
        CHECK(status.st_size == static_cast<off_t>(size));
    }
}

TEST_CASE("growing is only noted") {
    NEED_A_STORE();
    Found found;
    faults::fail_nth(faults::every, EIO, 1); // no call at all
    found.object().resize(5000, 50000);
    CHECK(faults::clear() == 0);
    found.object().detach(Ending::commit, {"abc", 50000});
    found.lookup = found.bench.look_up(*found.volume, "test.img", {"abc", 50000});
    CHECK(found.lookup.result == Lookup::Result::found);
    CHECK(std::filesystem::file_size(found.path) == 53248);
}

TEST_CASE("an object that could not be shrunk is lost") {
    NEED_A_STORE();
    Found found;
    faults::fail_nth(faults::remove, ENOSPC, 1);
    found.object().resize(5000, 100);
    CHECK(faults::clear() == 1);
    CHECK(found.object().file() == nullptr);
    found.object().detach(Ending::commit, {"abc", 100});
    CHECK(found.bench.files().empty());
    CHECK(found.bench.events.count() == 0);
}

TEST_CASE("an object that could not be marked is used, and not kept") {
    NEED_A_STORE();
    Found found;
    SUBCASE("the mark") {
        faults::fail_nth(faults::write, ENOSPC, 1);
    }
    SUBCASE("its way to the disk") {
        faults::fail_nth(faults::flush, ENOSPC, 1);
    }
    found.object().prepare_to_write();
    CHECK(faults::clear() == 1);
    CHECK(found.object().file() != nullptr);
    CHECK(found.bench.files().empty());
    found.object().detach(Ending::commit, abc);
    CHECK(found.bench.files().empty());
    CHECK(found.bench.events.count() == 0);
}

TEST_CASE("an object removed by somebody else is no error") {
    NEED_A_STORE();
    Found found;
    std::filesystem::remove(found.path);
    SUBCASE("commit") {
        found.object().detach(Ending::commit, {"new", 5000});
    }
    SUBCASE("retire") {
        found.object().detach(Ending::retire, abc);
    }
    SUBCASE("invalidate") {
        CHECK(found.object().invalidate(abc));
    }
    CHECK(found.bench.files().empty());
    CHECK(found.bench.events.count() == 0);
    CHECK(found.bench.log.lines().empty());
}

TEST_CASE("running operations keep the file that was let go of") {
    NEED_A_STORE();
    Found found;
    const auto file = found.object().file();
    found.object().detach(Ending::retire, abc);
    found.lookup.object.reset();
    CHECK(content_of(file->descriptor()) == 'a');
}

TEST_CASE("files that are let go of are counted, if they have ever had a name") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "a", {"1", 20480}, 'x');
    REQUIRE(bench.released.size() == 1);
    CHECK(bench.released.front() >= 40); // sectors of 512 bytes

    SUBCASE("found and kept") {
        bench.look_up(*volume, "a", {"1", 20480}).object->detach(Ending::commit, {"1", 20480});
        CHECK(bench.released.size() == 2);
    }
    SUBCASE("found and removed") {
        bench.look_up(*volume, "a", {"1", 20480}).object->detach(Ending::retire, {"1", 20480});
        CHECK(bench.released.size() == 2);
    }
    SUBCASE("stale: the old one, at lookup") {
        const Lookup lookup = bench.look_up(*volume, "a", {"2", 20480});
        CHECK(bench.released.size() == 2);
        lookup.object->detach(Ending::retire, {"2", 20480});
        CHECK(bench.released.size() == 2);
    }
    SUBCASE("new and not kept") {
        bench.look_up(*volume, "b", {"1", 0}).object->detach(Ending::retire, {"1", 0});
        CHECK(bench.released.size() == 1);
    }
}
