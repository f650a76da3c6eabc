// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/store/store_bench.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <string>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;
using namespace std::string_literals;

namespace {

struct stat status_of(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status;
}

std::string xattr(std::uint8_t size, char type, char content, const std::string& aux) {
    return std::string(7, '\0') + static_cast<char>(size) + std::string(8, '\0') + type + content +
           aux;
}

} // namespace

TEST_CASE("nothing there: negative once, then a file without a name") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const Lookup lookup = bench.look_up(*volume, "test.img", {"", 5000});
    CHECK(lookup.result == Lookup::Result::created);
    REQUIRE(lookup.object);
    CHECK(bench.negatives == 1);
    CHECK(bench.files().empty());
    struct stat status{};
    REQUIRE(fstat(lookup.object->file()->descriptor(), &status) == 0);
    CHECK(status.st_size == 8192);
    CHECK(status.st_blocks == 0);
    CHECK(status.st_nlink == 0);
}

TEST_CASE("a valid object is found, with its content") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "test.img", {"\xaa\xbb", 5000}, 'a');
    bench.negatives = 0;
    const Lookup lookup = bench.look_up(*volume, "test.img", {"\xaa\xbb", 5000});
    CHECK(lookup.result == Lookup::Result::found);
    CHECK(bench.negatives == 0);
    CHECK(content_of(lookup.object->file()->descriptor()) == 'a');
    CHECK(bench.counters->found == 1);
    CHECK(bench.counters->created == 1); // to put it there
    CHECK(bench.counters->failed == 0);
    CHECK(bench.look_up(*volume, "test.img", {"\xaa\xbb", 5000}).result == Lookup::Result::failed);
    CHECK(bench.counters->failed == 1); // it is in use
}

TEST_CASE("a driver's object is found: mode 0000, other values of content") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "test.img", {"aux", 1}, 'a');
    const auto path = bench.path("@73", "Dtest.img");
    for (const char content : {'\0', '\1', '\2', '\3', '\5'}) {
        set_attribute(path, xattr(1, 1, content, "aux"));
        REQUIRE(chmod(path.c_str(), 0) == 0);
        CHECK(bench.look_up(*volume, "test.img", {"aux", 1}).result == Lookup::Result::found);
    }
}

TEST_CASE("what is stale, or refused by the driver, is negative and then replaced") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "test.img", {"aux", 1}, 'a');
    const auto path = bench.path("@73", "Dtest.img");
    const std::uint64_t inode = inode_of(path);
    bench.negatives = 0;
    Coherency wanted{"aux", 1};
    SUBCASE("other coherency data") {
        wanted.aux = "auX";
    }
    SUBCASE("shorter than wanted") {
        wanted.aux = "auxiliary";
    }
    SUBCASE("longer than wanted: refused") {
        wanted.aux = "au";
    }
    SUBCASE("other size") {
        wanted.object_size = 2;
    }
    SUBCASE("dirty") {
        set_attribute(path, xattr(1, 1, 4, "aux"));
    }
    SUBCASE("other type") {
        set_attribute(path, xattr(1, 2, 0, "aux"));
    }
    SUBCASE("cut") {
        set_attribute(path, "\0\0"s);
    }
    SUBCASE("longer than any: refused") {
        set_attribute(path, std::string(400, '\0'));
    }
    SUBCASE("without: refused") {
        REQUIRE(removexattr(path.c_str(), "user.CacheFiles.cache") == 0);
    }
    const Lookup lookup = bench.look_up(*volume, "test.img", wanted);
    REQUIRE(lookup.result == Lookup::Result::created);
    CHECK(bench.negatives == 1);
    CHECK(inode_of(path) == inode); // until the new one is there
    write_file(lookup.object->file()->descriptor(), 'b', 4096);
    lookup.object->detach(Ending::commit, wanted);
    CHECK(inode_of(path) != inode);
    CHECK(content_of(path) == 'b');
    CHECK(bench.files().size() == 1);
    const Lookup again = bench.look_up(*volume, "test.img", wanted);
    CHECK(again.result == Lookup::Result::found);
    CHECK(bench.events.count() == 0);
}

TEST_CASE("what is not a file is removed, a directory by way of the graveyard") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const auto path = bench.path("@73", "Dtest.img");
    std::size_t buried = 0;
    SUBCASE("fifo") {
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    }
    SUBCASE("symbolic link") {
        std::ofstream(bench.root() / "outside") << "x";
        std::filesystem::create_symlink(bench.root() / "outside", path);
    }
    SUBCASE("directory") {
        std::filesystem::create_directories(path / "below");
        buried = 1;
    }
    CHECK(bench.look_up(*volume, "test.img", {"", 1}).result == Lookup::Result::created);
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path)));
    CHECK(bench.buried() == buried);
    CHECK(bench.negatives == 1);
}

TEST_CASE("a directory that takes the name meanwhile does not cost the object") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const Lookup lookup = bench.look_up(*volume, "test.img", {"", 1});
    std::filesystem::create_directory(bench.path("@73", "Dtest.img"));
    lookup.object->detach(Ending::commit, {"", 1});
    CHECK(bench.files() == std::vector<std::string>{"Ierofs,test/@73/Dtest.img"});
    CHECK(bench.buried() == 1);
}

TEST_CASE("an object in use cannot be looked up, found or new") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    for (int round = 0; round < 2; ++round) {
        const Lookup lookup = bench.look_up(*volume, "/", {"", 1});
        REQUIRE(lookup.object);
        CHECK(bench.look_up(*volume, "/", {"", 1}).result == Lookup::Result::failed);
        lookup.object->detach(Ending::commit, {"", 1});
        CHECK(bench.store->in_use().count() == 1); // the volume
    }
}

TEST_CASE("a lookup counts as a use") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "test.img", {"", 1}, 'a');
    const auto path = bench.path("@73", "Dtest.img");
    const timespec old[2] = {{1000, 0}, {2000, 0}};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), old, 0) == 0);
    (void)bench.look_up(*volume, "test.img", {"", 1});
    CHECK(status_of(path).st_atim.tv_sec == bench.clock.now());
    CHECK(status_of(path).st_mtim.tv_sec == 2000);
}

TEST_CASE("the file that is found gets its size") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "test.img", {"", 20}, 'a');
    const auto path = bench.path("@73", "Dtest.img");
    off_t present = 0;
    off_t data = 0;
    SUBCASE("grows") {
        present = 0;
    }
    SUBCASE("grows: an incomplete unit is dropped") {
        present = 10;
    }
    SUBCASE("shrinks") {
        present = 10000;
        data = 4096;
    }
    REQUIRE(truncate(path.c_str(), present) == 0);
    const Lookup lookup = bench.look_up(*volume, "test.img", {"", 20});
    CHECK(lookup.result == Lookup::Result::found);
    CHECK(status_of(path).st_size == 4096);
    const int fd = lookup.object->file()->descriptor();
    CHECK(lseek(fd, 0, SEEK_HOLE) == data);
}

TEST_CASE("keys, coherency data and sizes that the format has no room for are not cached") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    for (const std::string& key : {""s, std::string(256, 'k')})
        CHECK(bench.look_up(*volume, key, {"", 1}).result == Lookup::Result::failed);
    CHECK(bench.look_up(*volume, "k", {std::string(256, 'a'), 1}).result == Lookup::Result::failed);
    for (const std::uint64_t size : {std::uint64_t{1} << 63, ~std::uint64_t{0}})
        CHECK(bench.look_up(*volume, "k", {"", size}).result == Lookup::Result::failed);
    CHECK(bench.look_up(*volume, "k", {std::string(255, 'a'), 1}).result ==
          Lookup::Result::created);
    CHECK(bench.events.count() == 0);
}

TEST_CASE("below the stop limit nothing is made, what is there is found") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    bench.put(*volume, "old", {"", 1}, 'a');
    bench.limits.files = std::numeric_limits<std::uint64_t>::max();
    CHECK(bench.look_up(*volume, "new", {"", 1}).result == Lookup::Result::failed);
    CHECK(bench.look_up(*volume, "old", {"", 1}).result == Lookup::Result::found);
    CHECK(bench.events.count() == 0);
    CHECK(bench.log.lines().empty());
}

TEST_CASE("a fan-out directory that was culled under a live volume is made again") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    std::filesystem::remove(bench.volume_path() / "@73");
    bench.put(*volume, "test.img", {"", 1}, 'a');
    CHECK(bench.files().size() == 1);
}
