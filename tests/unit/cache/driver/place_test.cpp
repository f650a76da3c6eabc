// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/place.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::tests;
using cache::driver::find_place;
using cache::driver::Place;
namespace fs = std::filesystem;

namespace {

Fd open_path(const fs::path& path) {
    return Fd(open(path.c_str(), O_PATH | O_CLOEXEC));
}

/// The path below the root, or "errno N".
std::string place_of(const cache::store::Root& root, const fs::path& path) {
    const Fd fd = open_path(path);
    const std::expected<Place, int> place = find_place(root, fd.get());
    return place ? place->path : "errno " + std::to_string(place.error());
}

std::string not_there(int error) {
    return "errno " + std::to_string(error);
}

} // namespace

TEST_CASE("the directories of a cache are known") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const cache::store::Root& root = bench.store->root();
    CHECK(place_of(root, bench.root()).empty());
    for (const char* const path : {"cache", "graveyard", "cache/Ierofs,test",
                                   "cache/Ierofs,test/@00", "cache/Ierofs,test/@ff"})
        CHECK(place_of(root, bench.root() / path) == path);
    fs::create_directories(bench.root() / "graveyard/1/cache/Ierofs,test");
    CHECK(place_of(root, bench.root() / "graveyard/1/cache/Ierofs,test") ==
          "graveyard/1/cache/Ierofs,test");
}

TEST_CASE("other directories are not") {
    NEED_A_STORE();
    StoreBench bench;
    const cache::store::Root& root = bench.store->root();
    CHECK(place_of(root, "/") == not_there(EXDEV));
    CHECK(place_of(root, bench.root().parent_path()) == not_there(EXDEV));
    CHECK(place_of(root, "/proc/self") == not_there(EXDEV));
    const TemporaryDirectory like;
    fs::create_directories(like.path() / "cache/Ierofs,test/@00");
    CHECK(place_of(root, like.path() / "cache/Ierofs,test/@00") == not_there(EXDEV));
    CHECK(place_of(root, "/dev/null") == not_there(ENOTDIR));
    CHECK(find_place(root, -1).error() == ENOTDIR);

    fs::create_directory(bench.root() / "cache/gone");
    const Fd gone = open_path(bench.root() / "cache/gone");
    fs::remove(bench.root() / "cache/gone");
    CHECK(find_place(root, gone.get()).error() == ESTALE);
    fs::create_directory(bench.root() / "cache/gone");
    CHECK(find_place(root, gone.get()).error() == ESTALE); // of the same name is not the same
}

TEST_CASE("in another mount namespace, and by another way, they are the same") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const TemporaryDirectory elsewhere;
    std::string why_not;
    std::vector<std::pair<std::string, Fd>> found;
    // A thread of its own: the namespace, and the mounts in it, are gone when it ends.
    std::thread([&] {
        if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0) {
            why_not = "no mount namespaces here";
            return;
        }
        const fs::path target = elsewhere.path();
        for (const std::string path : {"", "cache", "cache/Ierofs,test", "cache/Ierofs,test/@42"}) {
            if (mount((bench.root() / path).c_str(), target.c_str(), "", MS_BIND, nullptr) != 0) {
                why_not = "cannot mount";
                return;
            }
            found.emplace_back(path, open_path(target));
            if (path.empty())
                found.emplace_back("cache/Ierofs,test/@07",
                                   open_path(target / "cache/Ierofs,test/@07"));
            if (path == "cache")
                found.emplace_back("cache/Ierofs,test/@08", open_path(target / "Ierofs,test/@08"));
            if (path == "cache/Ierofs,test")
                found.emplace_back("cache/Ierofs,test/@09", open_path(target / "@09"));
        }
    }).join();
    if (!why_not.empty()) {
        MESSAGE("skipped: ", why_not);
        return;
    }
    for (const auto& [path, fd] : found) {
        CAPTURE(path);
        const std::expected<Place, int> place = find_place(bench.store->root(), fd.get());
        REQUIRE(place);
        CHECK(place->path == path);
        // It can be moved to the graveyard: it is on the root's own mount.
        fs::create_directory(bench.root() / path / "victim");
        CHECK(renameat(place->directory.get(), "victim", bench.store->root().graveyard(),
                       "buried") == 0);
        fs::remove(bench.root() / "graveyard/buried");
    }
}

TEST_CASE("what the store claims for the entries of a directory") {
    const auto claim = [](std::string path, const std::string& name) {
        const Place place{Fd(), std::move(path)};
        return place.claim_of(name).value_or("-");
    };
    CHECK(claim("", "cache") == "-");
    CHECK(claim("graveyard", "x") == "-");
    CHECK(claim("cache", "Iv") == "Iv");
    CHECK(claim("cache/Iv", "@0a") == "Iv");
    CHECK(claim("cache/Iv", "@0g") == "-");
    CHECK(claim("cache/Iv/@0a", "Dx") == "Iv/@0a/Dx");
    CHECK(claim("cache/Iv/@0a/more", "Dx") == "-");
    CHECK(Place{Fd(), ""}.is_part("cache"));
    CHECK(Place{Fd(), ""}.is_part("graveyard"));
    CHECK_FALSE(Place{Fd(), ""}.is_part("other"));
    CHECK_FALSE(Place{Fd(), "cache"}.is_part("cache"));
}
