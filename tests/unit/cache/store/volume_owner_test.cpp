// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/store/store_bench.hpp"

#include <sys/xattr.h>

#include <string>

using namespace cachefiles;
using namespace cachefiles::tests;

namespace {
constexpr const char* owner = "user.CacheFiles.owner";
constexpr std::uint32_t root_user = 0;
constexpr std::uint32_t me = 1000;
constexpr std::uint32_t other = 1001;
} // namespace

TEST_CASE("a user's volume is his, after a restart, too") {
    NEED_A_STORE();
    StoreBench bench;
    CHECK(bench.store->may_attach("erofs,test", other)); // there is none
    REQUIRE(bench.attach("erofs,test", "c", me));
    CHECK(attribute_of(bench.volume_path(), owner) == "31303030"); // "1000"
    bench.reopen();
    CHECK(bench.store->may_attach("erofs,test", me));
    CHECK_FALSE(bench.store->may_attach("erofs,test", other));
    CHECK(bench.store->may_attach("erofs,test", root_user));
    const std::uint64_t inode = inode_of(bench.volume_path());
    CHECK_FALSE(bench.attach("erofs,test", "c", other));
    CHECK_FALSE(bench.attach("erofs,test", "another", other)); // does not bury it, either
    CHECK(inode_of(bench.volume_path()) == inode);
    CHECK(bench.attach("erofs,test", "c", root_user));
    CHECK(bench.attach("erofs,test", "c", me));
    CHECK(inode_of(bench.volume_path()) == inode);
    CHECK(bench.buried() == 0);
}

TEST_CASE("root's volumes, and the driver's, are root's") {
    NEED_A_STORE();
    StoreBench bench;
    REQUIRE(bench.attach("erofs,test", "c", root_user));
    CHECK_FALSE(attribute_of(bench.volume_path(), owner));
    CHECK_FALSE(bench.store->may_attach("erofs,test", me));
    CHECK_FALSE(bench.attach("erofs,test", "c", me));
    CHECK(bench.attach("erofs,test", "c", root_user));
}

TEST_CASE("a volume that is replaced belongs to whoever made it anew") {
    NEED_A_STORE();
    StoreBench bench;
    REQUIRE(bench.attach("erofs,test", "c", me));
    REQUIRE(bench.attach("erofs,test", "d", me));
    CHECK(bench.buried() == 1);
    CHECK(attribute_of(bench.volume_path(), owner) == "31303030");
}

TEST_CASE("a directory that a crash left unfinished is nobody's") {
    NEED_A_STORE();
    StoreBench bench;
    std::filesystem::create_directory(bench.volume_path());
    CHECK(bench.store->may_attach("erofs,test", me));
    REQUIRE(bench.attach("erofs,test", "c", me));
    CHECK(bench.buried() == 1);
    CHECK(attribute_of(bench.volume_path(), owner) == "31303030");
}

TEST_CASE("an owner that is no number is nobody, and root may have it") {
    NEED_A_STORE();
    StoreBench bench;
    REQUIRE(bench.attach("erofs,test", "c", me));
    for (const std::string text : {"", "1000 ", "01000", "x"}) {
        REQUIRE(setxattr(bench.volume_path().c_str(), owner, text.data(), text.size(), 0) == 0);
        CHECK_FALSE(bench.store->may_attach("erofs,test", me));
        CHECK_FALSE(bench.attach("erofs,test", "c", me));
        CHECK(bench.attach("erofs,test", "c", root_user));
    }
}

TEST_CASE("a volume of an alternative name has an owner, too") {
    NEED_A_STORE();
    StoreBench bench;
    REQUIRE(bench.attach("a/b", "c", me));
    CHECK(bench.store->may_attach("a/b", me));
    CHECK_FALSE(bench.store->may_attach("a/b", other));
    CHECK_FALSE(bench.attach("a/b", "c", other));
}
