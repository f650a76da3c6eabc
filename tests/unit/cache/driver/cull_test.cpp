// SPDX-License-Identifier: GPL-2.0-or-later
// cull and inuse (command protocol, sections 7 and 8).
#include "cache/store/faults.hpp"
#include "tests/unit/cache/driver/driver_bench.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <regex>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::tests;
namespace faults = cachefiles::cache::store::faults;
namespace fs = std::filesystem;

namespace {

/// A bound cache with an object in use, and one that is not.
class CullBench final {
public:
    CullBench() {
        bench.bind();
        bench.relinquish(bench.use("idle"));
        idle = bench.files().at(0);
        busy_cookie = bench.use("busy");
        busy = object_path("busy");
    }

    /// As the driver names short keys (on-disk-format.md section 5).
    fs::path object_path(const std::string& key) const {
        for (const auto& fanout : fs::directory_iterator(volume())) {
            if (const fs::path path = fanout.path() / ("D" + key); fs::exists(path))
                return path;
        }
        return {};
    }
    fs::path volume() const { return bench.root() / "cache" / DriverBench::volume_name; }
    std::vector<std::string> graves() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(bench.root() / "graveyard"))
            names.push_back(entry.path().filename());
        return names;
    }
    int cull(const fs::path& path) {
        return bench.command("cull " + path.filename().native(), path.parent_path());
    }
    int inuse(const fs::path& path) {
        return bench.command("inuse " + path.filename().native(), path.parent_path());
    }

    DriverBench bench;
    cache::CookiePtr busy_cookie;
    fs::path idle;
    fs::path busy; ///< empty: it has no name yet
};

} // namespace

TEST_CASE("an object that nobody uses is asked for, and culled") {
    NEED_A_STORE();
    CullBench of;
    CHECK(of.inuse(of.idle) == 0);
    CHECK(fs::exists(of.idle));
    CHECK(of.cull(of.idle) == 0);
    CHECK_FALSE(fs::exists(of.idle));
    CHECK(of.graves().empty());
    CHECK(of.cull(of.idle) == ENOENT);
    CHECK(of.inuse(of.idle) == ENOENT);
    CHECK(of.bench.driver.no_space().culled == 1);
    REQUIRE(of.bench.culled().size() == 1);
    CHECK(of.bench.culled().front() == fs::relative(of.idle, of.bench.root()));
}

TEST_CASE("an object in use stays") {
    NEED_A_STORE();
    CullBench of;
    of.bench.relinquish(of.busy_cookie);
    const fs::path path = of.object_path("busy");
    REQUIRE_FALSE(path.empty());
    CHECK(of.inuse(path) == 0);
    const cache::CookiePtr cookie = of.bench.use("busy");
    CHECK(of.inuse(path) == EBUSY);
    CHECK(of.cull(path) == EBUSY);
    CHECK(fs::exists(path));
    of.bench.relinquish(cookie);
    CHECK(of.cull(path) == 0);
}

TEST_CASE("of a stale object that is being replaced the old file is culled, and not the new one") {
    NEED_A_STORE();
    CullBench of;
    const cache::CookiePtr replacing = of.bench.use("idle", 8192);
    REQUIRE(fs::exists(of.idle));
    CHECK(of.inuse(of.idle) == 0);
    std::thread committing;
    SUBCASE("before it is let go of") {
        CHECK(of.cull(of.idle) == 0);
        CHECK_FALSE(fs::exists(of.idle));
        CHECK(of.cull(of.idle) == ENOENT);
    }
    SUBCASE("just when it is let go of") {
        of.bench.set_at_cull(
            [&] { committing = std::thread([&] { of.bench.relinquish(replacing); }); });
        CHECK(of.cull(of.idle) == 0);
        committing.join();
        REQUIRE(fs::exists(of.idle));
        CHECK(fs::file_size(of.idle) == 8192);
        return;
    }
    of.bench.relinquish(replacing);
    REQUIRE(fs::exists(of.idle));
    CHECK(fs::file_size(of.idle) == 8192);
    CHECK_FALSE(of.bench.log.contains("cannot"));
}

TEST_CASE("what else is in use") {
    NEED_A_STORE();
    CullBench of;
    const fs::path root = of.bench.root();
    for (const fs::path& path : {root / "cache", root / "graveyard", of.volume(),
                                 of.volume() / "@00", of.volume() / "@ff"}) {
        CAPTURE(path);
        CHECK(of.inuse(path) == EBUSY);
        CHECK(of.cull(path) == EBUSY);
        CHECK(fs::exists(path));
    }
}

TEST_CASE("a volume that nobody has goes to the graveyard, with all that is in it") {
    NEED_A_STORE();
    CullBench of;
    of.bench.relinquish(of.busy_cookie);
    of.bench.relinquish_volume();
    of.bench.open(); // whatever happens, it is let go of then
    of.bench.bind();
    CHECK(of.inuse(of.volume()) == 0);
    SUBCASE("a fan-out directory") {
        CHECK(of.cull(of.idle.parent_path()) == 0);
        CHECK_FALSE(fs::exists(of.idle));
        CHECK(fs::exists(of.volume()));
    }
    SUBCASE("as a whole") {
        CHECK(of.cull(of.volume()) == 0);
        CHECK_FALSE(fs::exists(of.volume()));
    }
    REQUIRE(of.graves().size() == 1);
    CHECK(std::regex_match(of.graves().front(), std::regex("[0-9a-f]{8}00000001")));
    // And the volume can be had anew.
    of.bench.relinquish(of.bench.use("again"));
    CHECK_FALSE(of.object_path("again").empty());
}

TEST_CASE("whatever lies in the cache is culled by its kind") {
    NEED_A_STORE();
    CullBench of;
    const fs::path place = of.bench.root() / "cache";
    fs::create_symlink("/etc", place / "link");
    REQUIRE(mkfifo((place / "fifo").c_str(), 0600) == 0);
    fs::create_directories(place / "directory/with/more");
    std::ofstream(place / "a b  c").put('x');
    for (const char* const name : {"link", "fifo", "directory", "a b  c"}) {
        CAPTURE(name);
        CHECK(of.inuse(place / name) == 0);
        CHECK(of.cull(place / name) == 0);
        CHECK_FALSE(fs::exists(fs::symlink_status(place / name)));
    }
    CHECK(fs::exists("/etc"));
    CHECK(of.graves().size() == 1);
    // In the volume of somebody else, and below what no volume has.
    std::ofstream(of.volume() / "stray").put('x');
    CHECK(of.cull(of.volume() / "stray") == 0);
    fs::create_directories(place / "other/deep/deeper");
    std::ofstream(place / "other/deep/deeper/file").put('x');
    CHECK(of.cull(place / "other/deep/deeper/file") == 0);
    CHECK(of.cull(of.bench.root() / "graveyard" / of.graves().front()) == 0); // buried again
    CHECK(of.graves().size() == 1);
}

TEST_CASE("names that no entry can have") {
    NEED_A_STORE();
    CullBench of;
    for (const std::string verb : {"cull", "inuse"}) {
        const fs::path& place = of.idle.parent_path();
        CHECK(of.bench.command(verb + " a/b", place) == EINVAL);
        CHECK(of.bench.command(verb + " /", place) == EINVAL);
        CHECK(of.bench.command(verb, place) == EIO);
        CHECK(of.bench.command(verb + " .", place) == EIO);
        CHECK(of.bench.command(verb + " ..", place) == EIO);
        CHECK(of.bench.command(verb + " " + std::string(256, 'x'), place) == EIO);
        CHECK(of.bench.command(verb + " " + std::string(255, 'x'), place) == ENOENT);
    }
    CHECK(of.inuse(of.idle) == 0); // it lives
}

TEST_CASE("where the caller is") {
    NEED_A_STORE();
    CullBench of;
    const TemporaryDirectory elsewhere;
    std::ofstream(elsewhere.path() / "victim").put('x');
    CHECK(of.cull(elsewhere.path() / "victim") == EIO);
    CHECK(of.inuse(elsewhere.path() / "victim") == EIO);
    CHECK(fs::exists(elsewhere.path() / "victim"));
    CHECK(of.cull("/proc/version") == EIO);
    CHECK(of.bench.cache->command("cull a", {}) == ENOTDIR); // of whom nothing is known

    cache::driver::Caller caller;
    caller.directory = Fd(open(of.idle.c_str(), O_PATH | O_CLOEXEC));
    CHECK(of.bench.cache->command("cull a", caller) == ENOTDIR);
    const fs::path gone = of.bench.root() / "cache/gone";
    fs::create_directory(gone);
    caller.directory = Fd(open(gone.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    fs::remove(gone);
    CHECK(of.bench.cache->command("cull a", caller) == ESTALE);
    CHECK(of.bench.cache->command("cull ..", caller) == EIO); // the name comes first
    CHECK(of.cull(of.idle) == 0);
}

TEST_CASE("errors of the disk") {
    NEED_A_STORE();
    CullBench of;
    const auto fails = [&of](unsigned classes, int error, unsigned nth = 1) {
        faults::fail_nth(classes, error, nth);
        const int answer = of.cull(of.idle);
        CHECK(faults::clear() == 1);
        return answer;
    };
    SUBCASE("not found any more") {
        CHECK(fails(faults::remove, ENOENT) == ESTALE);
        CHECK(fails(faults::read, ENOENT, 2) == ESTALE);
        CHECK_FALSE(of.bench.cache->dead());
    }
    SUBCASE("no memory") {
        CHECK(fails(faults::remove, ENOMEM) == ENOMEM);
        CHECK(fails(faults::read, ENOMEM) == ENOMEM);
        CHECK_FALSE(of.bench.cache->dead());
    }
    SUBCASE("not permitted") {
        CHECK(fails(faults::remove, EPERM) == EIO);
        CHECK(fails(faults::read, EACCES) == EIO);
        CHECK_FALSE(of.bench.cache->dead());
        CHECK(of.bench.log.contains("Operation not permitted"));
        CHECK(of.cull(of.idle) == 0); // the driver's stays busy
    }
    SUBCASE("at lookup") {
        CHECK(fails(faults::read, EIO) == EIO);
        CHECK(of.bench.cache->dead());
    }
    SUBCASE("at unlink") {
        CHECK(fails(faults::remove, EIO) == EIO);
        CHECK(of.bench.cache->dead());
        CHECK(of.cull(of.idle) == EIO);
        CHECK(fs::exists(of.idle));
        CHECK(of.bench.state().brun > 0);
        CHECK(of.bench.model->caches().at(0).state == protocol::CacheState::io_error);
    }
}

TEST_CASE("a graveyard that does not take what is buried") {
    NEED_A_STORE();
    CullBench of;
    fs::create_directory(of.bench.root() / "cache/x");
    // Two looks of the command, one of the graveyard, then the rename.
    faults::fail_nth(faults::read, ENOSPC, 4);
    CHECK(of.cull(of.bench.root() / "cache/x") == EIO);
    CHECK(faults::clear() == 1);
    CHECK(of.bench.cache->dead());
    CHECK(fs::exists(of.bench.root() / "cache/x"));
}
