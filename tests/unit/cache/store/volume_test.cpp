// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/faults.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <fstream>
#include <limits>
#include <string>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;
using namespace std::string_literals;
namespace faults = cachefiles::cache::store::faults;

namespace {

std::size_t entries(const std::filesystem::path& path) {
    const std::filesystem::directory_iterator all(path);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace

TEST_CASE("a volume is made with its fan-out directories and its attribute") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach("erofs,test", "\1\2\3\4\5");
    REQUIRE(volume);
    CHECK(entries(bench.volume_path()) == 256);
    for (const char* name : {"@00", "@7f", "@ff"}) {
        struct stat status{};
        REQUIRE(stat((bench.volume_path() / name).c_str(), &status) == 0);
        CHECK(status.st_mode == (S_IFDIR | 0700));
        CHECK_FALSE(attribute_of(bench.volume_path() / name));
    }
    CHECK(attribute_of(bench.volume_path()) == "000000000102030405");
    CHECK_FALSE(attribute_of(bench.volume_path(), "user.CacheFiles.key"));
}

TEST_CASE("a volume without coherency data has an attribute of four zeros") {
    NEED_A_STORE();
    StoreBench bench;
    REQUIRE(bench.attach());
    CHECK(attribute_of(bench.volume_path()) == "00000000");
}

TEST_CASE("a volume that matches is used again, whatever happened to its fan-out directories") {
    NEED_A_STORE();
    StoreBench bench;
    bench.put(*bench.attach(), "test.img", {"", 4096}, 'a');
    const std::uint64_t inode = inode_of(bench.volume_path());
    std::filesystem::remove(bench.volume_path() / "@00");
    std::filesystem::remove(bench.volume_path() / "@01");
    std::ofstream(bench.volume_path() / "@01") << "in the way";
    REQUIRE(bench.attach());
    CHECK(inode_of(bench.volume_path()) == inode);
    CHECK(std::filesystem::is_directory(bench.volume_path() / "@00"));
    CHECK(std::filesystem::is_directory(bench.volume_path() / "@01"));
    CHECK(bench.files() == std::vector<std::string>{"Ierofs,test/@73/Dtest.img"});
    CHECK(bench.buried() == 0);
}

TEST_CASE("a volume that does not match goes to the graveyard and is made anew") {
    NEED_A_STORE();
    StoreBench bench;
    bench.put(*bench.attach("erofs,test", "ab"), "test.img", {"", 4096}, 'a');
    const std::uint64_t inode = inode_of(bench.volume_path());
    SUBCASE("stale") {
        set_attribute(bench.volume_path(), "\0\0\0\0ax"s);
    }
    SUBCASE("too short") {
        set_attribute(bench.volume_path(), "\0\0"s);
    }
    SUBCASE("of another form") {
        set_attribute(bench.volume_path(), "\1\0\0\0ab"s);
    }
    SUBCASE("longer: the driver refuses it for ever") {
        set_attribute(bench.volume_path(), "\0\0\0\0abc"s);
    }
    SUBCASE("longer than any") {
        set_attribute(bench.volume_path(), std::string(300, '\0'));
    }
    SUBCASE("without: the driver refuses it for ever") {
        REQUIRE(removexattr(bench.volume_path().c_str(), "user.CacheFiles.cache") == 0);
    }
    REQUIRE(bench.attach("erofs,test", "ab"));
    CHECK(inode_of(bench.volume_path()) != inode);
    CHECK(bench.files().empty());
    CHECK(attribute_of(bench.volume_path()) == "000000006162");
    REQUIRE(bench.buried() == 1);
    const auto grave = *std::filesystem::directory_iterator(bench.root() / "graveyard");
    CHECK(grave.path().filename().native().size() == 16);
    CHECK(std::filesystem::exists(grave.path() / "@73/Dtest.img"));
    CHECK(bench.events.count() == 0);
}

TEST_CASE("what is no directory gives way to a volume") {
    NEED_A_STORE();
    StoreBench bench;
    SUBCASE("file") {
        std::ofstream(bench.volume_path()) << "x";
    }
    SUBCASE("symbolic link") {
        std::filesystem::create_directory_symlink("/tmp", bench.volume_path());
    }
    REQUIRE(bench.attach());
    CHECK(std::filesystem::is_directory(std::filesystem::symlink_status(bench.volume_path())));
    CHECK(bench.buried() == 0);
}

TEST_CASE("detach notes the coherency data of that moment") {
    NEED_A_STORE();
    StoreBench bench;
    bench.attach("erofs,test", "ab")->detach("xyz");
    CHECK(attribute_of(bench.volume_path()) == "0000000078797a");
    bench.reopen();
    REQUIRE(bench.attach("erofs,test", "xyz"));
    CHECK(bench.buried() == 0);
}

TEST_CASE("what is in a volume that is discarded is never found again") {
    NEED_A_STORE();
    StoreBench bench;
    auto volume = bench.attach("erofs,test", "ab");
    bench.put(*volume, "test.img", {"", 4096}, 'a');
    SUBCASE("it goes to the graveyard") {
        volume->discard();
        CHECK_FALSE(std::filesystem::exists(bench.volume_path()));
        CHECK(bench.buried() == 1);
        CHECK(bench.events.count() == 0);
    }
    SUBCASE("or loses its attribute") {
        faults::fail_nth(faults::read, ENOSPC, 1);
        volume->discard();
        CHECK(faults::clear() == 1);
        CHECK(std::filesystem::exists(bench.volume_path()));
        CHECK_FALSE(attribute_of(bench.volume_path()));
        CHECK(bench.events.count() == 0);
    }
    SUBCASE("or else the cache ends") {
        faults::fail_at_random(faults::every, ENOSPC, 1, 1);
        volume->discard();
        faults::clear();
        CHECK(bench.events.contains("cannot invalidate a volume"));
        return;
    }
    volume.reset();
    volume = bench.attach("erofs,test", "ab");
    REQUIRE(volume);
    CHECK(bench.look_up(*volume, "test.img", {"", 4096}).result == Lookup::Result::created);
    CHECK(bench.files().empty());
}

TEST_CASE("a volume is in use until its last object is gone") {
    NEED_A_STORE();
    StoreBench bench;
    auto volume = bench.attach();
    CHECK_FALSE(bench.attach());
    auto lookup = bench.look_up(*volume, "k", {"", 1});
    volume->detach("");
    volume.reset();
    CHECK_FALSE(bench.attach());
    lookup.object->detach(Ending::commit, {"", 1});
    lookup.object.reset();
    CHECK(bench.attach());
    CHECK(bench.store->in_use().count() == 0);
}

TEST_CASE("keys that are none are not cached") {
    NEED_A_STORE();
    StoreBench bench;
    CHECK_FALSE(bench.attach(""));
    CHECK_FALSE(bench.attach(std::string(256, 'v')));
    CHECK_FALSE(bench.attach("v", std::string(256, 'c')));
    CHECK(entries(bench.root() / "cache") == 0);
    CHECK(bench.events.count() == 0);
}

TEST_CASE("a volume that the driver cannot name is kept under another name, with its key") {
    NEED_A_STORE();
    StoreBench bench;
    const std::string key = "cifs/share";
    REQUIRE(bench.attach(key, "c"));
    REQUIRE(entries(bench.root() / "cache") == 1);
    const auto entry = *std::filesystem::directory_iterator(bench.root() / "cache");
    CHECK(entry.path().filename().native().front() == 'J');
    CHECK(attribute_of(entry.path(), "user.CacheFiles.key") == "636966732f7368617265");
    const std::uint64_t inode = inode_of(entry.path());
    REQUIRE(bench.attach(key, "c"));
    CHECK(inode_of(entry.path()) == inode);
    set_attribute(entry.path(), "another key", "user.CacheFiles.key");
    REQUIRE(bench.attach(key, "c"));
    CHECK(inode_of(entry.path()) != inode);
}

TEST_CASE("below the stop limit no volume is made, one that is there is used") {
    NEED_A_STORE();
    StoreBench bench;
    bench.limits.blocks = std::numeric_limits<std::uint64_t>::max();
    CHECK_FALSE(bench.attach());
    CHECK(entries(bench.root() / "cache") == 0);
    bench.limits = {};
    REQUIRE(bench.attach());
    bench.limits.blocks = std::numeric_limits<std::uint64_t>::max();
    CHECK(bench.attach());
    CHECK(bench.events.count() == 0);
}
