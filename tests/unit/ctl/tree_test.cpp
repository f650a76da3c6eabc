// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/failure.hpp"
#include "ctl/local/cached_share.hpp"
#include "ctl/local/complaints.hpp"
#include "ctl/local/tree_sum.hpp"
#include "ctl/local/tree_walk.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <set>

using namespace cachefiles;
using namespace cachefiles::ctl;

namespace {

void make_file(const std::filesystem::path& path, std::string_view text = "x") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

/// Names below `root`, each as often as it is found.
std::multiset<std::string> found(const std::filesystem::path& root, Complaints& complaints) {
    std::multiset<std::string> names;
    TreeWalk walk(root, complaints);
    while (const std::optional<FoundFile> file = walk.next()) {
        const std::optional<Fd> place = walk.place_of(*file);
        REQUIRE(place.has_value());
        struct stat status{};
        REQUIRE(fstat(place->get(), &status) == 0);
        CHECK(S_ISREG(status.st_mode));
        names.insert(std::filesystem::path(file->path).lexically_relative(root).native());
    }
    return names;
}

} // namespace

TEST_CASE("what a mount says of a file, and of itself") {
    const std::optional<CachedShare> share = parse_share("262144 1000000");
    REQUIRE(share.has_value());
    CHECK(share->cached == 262144);
    CHECK(share->size == 1000000);
    CHECK(share->missing() == 737856);
    CHECK_FALSE(share->whole());
    CHECK(parse_share("0 0")->whole());
    CHECK(parse_share("5 3")->missing() == 0); // it became shorter meanwhile
    CHECK(parse_share("1 2\n").has_value());
    for (const char* wrong :
         {"", "1", "1 ", "1  2", " 1 2", "1 2 3", "-1 2", "a b", "1 99999999999999999999"})
        CHECK_MESSAGE(!parse_share(wrong).has_value(), wrong);

    const MountFacts facts =
        parse_mount_facts("source=me@host:/a=b\nmode=ro\nonline=1\nfuture=7\nbytes_cached=0\n");
    CHECK(facts.source == "me@host:/a=b");
    CHECK(facts.online);
    CHECK_FALSE(parse_mount_facts("source=/x\nonline=0").online);
    CHECK_FALSE(parse_mount_facts("").online);
}

TEST_CASE("other file systems are no cachefiles-mount") {
    const tests::TemporaryDirectory directory;
    make_file(directory.path() / "file");
    Complaints complaints;
    TreeWalk walk(directory.path(), complaints);
    CHECK(MountShares().mount(walk.place()).error() == ENODATA);
    const std::optional<FoundFile> file = walk.next();
    REQUIRE(file.has_value());
    CHECK(MountShares().of(walk.place_of(*file)->get()).error() == ENODATA);
}

TEST_CASE("a walk finds each regular file once, and follows no symbolic link") {
    const tests::TemporaryDirectory directory;
    const std::filesystem::path root = directory.path() / "root";
    make_file(root / "one");
    make_file(root / "a/two");
    make_file(root / "a/b/c/three");
    make_file(directory.path() / "outside/four");
    std::filesystem::create_directory(root / "empty");
    std::filesystem::create_symlink("one", root / "to_file");
    std::filesystem::create_directory_symlink("../outside", root / "to_directory");
    std::filesystem::create_directory_symlink("..", root / "a/loop");
    REQUIRE(mkfifo((root / "fifo").c_str(), 0600) == 0);
    for (int i = 0; i < 2000; ++i) // more than a directory's buffer holds
        make_file(root / "many" / std::to_string(i));
    Complaints complaints;
    std::multiset<std::string> names = found(root, complaints);
    CHECK(complaints.count() == 0);
    CHECK(names.size() == 2003);
    for (const char* name : {"one", "a/two", "a/b/c/three", "many/0", "many/1999"})
        CHECK_MESSAGE(names.count(name) == 1, name);

    // The path itself may be a link, as whoever gives it sees; and a file.
    CHECK(found(root / "to_directory", complaints) == std::multiset<std::string>{"four"});
    CHECK(found(root / "one", complaints) == std::multiset<std::string>{"."});
    CHECK_THROWS_AS(TreeWalk(root / "nothing", complaints), Failure);
    CHECK_THROWS_AS(TreeWalk(root / "fifo", complaints), Failure);
}

TEST_CASE("a file that went away, or became something else, is passed over without complaint") {
    const tests::TemporaryDirectory directory;
    make_file(directory.path() / "file");
    Complaints complaints;
    TreeWalk walk(directory.path(), complaints);
    const std::optional<FoundFile> file = walk.next();
    REQUIRE(file.has_value());
    std::filesystem::remove(directory.path() / "file");
    CHECK_FALSE(walk.place_of(*file).has_value());
    std::filesystem::create_symlink("/etc/passwd", directory.path() / "file");
    CHECK_FALSE(walk.place_of(*file).has_value());
    CHECK(complaints.count() == 0);
}

TEST_CASE("paths are those that the tree was named by") {
    const tests::TemporaryDirectory directory;
    make_file(directory.path() / "a/file");
    Complaints complaints;
    for (const char* end : {"", "/"}) {
        TreeWalk walk(directory.path().native() + end, complaints);
        CHECK(walk.next()->path == (directory.path() / "a/file").native());
    }
}

TEST_CASE("complaints are counted, and the first few said") {
    Complaints complaints;
    complaints.add("/a\n", ENOENT);
    CHECK(complaints.take() == std::vector<std::string>{"/a\\x0a: No such file or directory"});
    for (int i = 0; i < 1000; ++i)
        complaints.add("/b", EIO);
    CHECK(complaints.count() == 1001);
    CHECK(complaints.take().size() == 9);
    complaints.add("/c", EIO);
    CHECK(complaints.take().empty());
}

TEST_CASE("a sum of files") {
    TreeSum sum;
    CHECK(sum.fraction() == 1);
    sum.add(CachedShare{0, 100});
    sum.add(CachedShare{50, 100});
    sum.add(CachedShare{100, 100});
    sum.add(CachedShare{0, 0});
    CHECK(sum.files == 4);
    CHECK(sum.whole == 2);
    CHECK(sum.part == 1);
    CHECK(sum.none() == 1);
    CHECK(sum.fraction() == 0.5);
    CHECK(sum.lacking_bytes == 200);
    TreeSum both = sum;
    both.add(sum);
    CHECK(both.bytes == 600);
    CHECK(both.none() == 2);
}
