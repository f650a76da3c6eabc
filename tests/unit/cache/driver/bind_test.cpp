// SPDX-License-Identifier: GPL-2.0-or-later
// bind, in the order of its checks (command protocol, section 3.3).
#include "cache/store/root.hpp"
#include "tests/unit/cache/driver/driver_bench.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <limits>

using namespace cachefiles;
using namespace cachefiles::tests;
namespace fs = std::filesystem;

TEST_CASE("a cache is bound") {
    NEED_A_STORE();
    DriverBench bench;
    CHECK(bench.command("bind") == EINVAL); // no directory
    CHECK(bench.command("dir " + bench.root().native()) == 0);
    CHECK(bench.command("bind now") == EINVAL);
    CHECK(bench.command("bind") == 0);
    CHECK(bench.bounds == 1);
    CHECK(fs::is_directory(bench.root() / "cache"));
    CHECK(fs::is_directory(bench.root() / "graveyard"));
    CHECK(bench.cache->poll() == 0);
    CHECK_FALSE(bench.state().culling);
    CHECK(bench.model->caches().at(0).name == "CacheFiles");

    CHECK(bench.command("bind") == EBUSY);
    CHECK(bench.command("bind ondemand") == EBUSY); // sooner than what it says
    CHECK(bench.command("tag late") == EEXIST);
    CHECK(bench.command("dir late") == EEXIST);
}

TEST_CASE("the limits are those of the moment of bind") {
    NEED_A_STORE();
    DriverBench bench;
    struct statfs status{};
    REQUIRE(statfs(bench.root().c_str(), &status) == 0);
    CHECK(bench.command("brun 13%") == 0);
    bench.bind();
    const protocol::StateLine state = bench.state();
    CHECK(state.frun == status.f_files / 100 * 7);
    CHECK(state.fcull == status.f_files / 100 * 5);
    CHECK(state.fstop == status.f_files / 100 * 1);
    CHECK(state.brun == status.f_blocks / 100 * 13);
    CHECK(state.bcull == status.f_blocks / 100 * 2);
    CHECK(state.bstop == status.f_blocks / 100 * 1);
    CHECK(bench.command("brun 50%") == 0);
    CHECK(bench.state().brun == state.brun);
}

TEST_CASE("a bind that fails can be tried again; its tag stays") {
    NEED_A_STORE();
    DriverBench bench;
    CHECK(bench.command("dir " + (bench.root() / "later").native()) == 0);
    CHECK(bench.command("bind") == ENOENT);
    CHECK(bench.command("tag mine") == EEXIST);
    CHECK(bench.model->caches().empty());
    fs::create_directory(bench.root() / "later");
    CHECK(bench.command("bind") == 0);
    CHECK(bench.state().freleased == 0);
}

TEST_CASE("a tag that is in use") {
    NEED_A_STORE();
    DriverBench bench;
    const cache::CachePtr other = bench.model->prepare_cache("mine").value();
    CHECK(bench.command("tag mine") == 0);
    CHECK(bench.command("dir " + bench.root().native()) == 0);
    CHECK(bench.command("bind") == EBUSY);
    bench.model->abandon_cache(other);
    CHECK(bench.command("bind") == 0);
}

TEST_CASE("the path") {
    NEED_A_STORE();
    DriverBench bench;
    fs::create_directory(bench.root() / "real");
    fs::create_directory_symlink("real", bench.root() / "link");
    std::ofstream(bench.root() / "file").put('x');
    const auto bind = [&bench](const std::string& path) {
        bench.open();
        CHECK(bench.command("dir " + path) == 0);
        return bench.command("bind", bench.root());
    };
    const std::string root = bench.root().native();
    CHECK(bind(root + "/none") == ENOENT);
    CHECK(bind(root + "/file") == ENOTDIR);
    CHECK(bind(root + "/file/below") == ENOTDIR);
    CHECK(bind(root + "/link") == ENOTDIR);
    CHECK(bind(root + "/link/") == 0);
    CHECK(bind(root + "/" + std::string(300, 'x')) == ENAMETOOLONG);
    CHECK(bind("real") == 0); // of the caller's working directory
    CHECK(bind("link") == ENOTDIR);
    CHECK(bind("./link/../real") == 0);

    bench.open();
    CHECK(bench.command("dir real") == 0);
    CHECK(bench.cache->command("bind", {}) == ENOTDIR); // of whom nothing is known
}

TEST_CASE("the path of a caller with another root directory") {
    NEED_A_STORE();
    DriverBench bench;
    fs::create_directories(bench.root() / "jail/a/b");
    fs::create_directory_symlink("/a", bench.root() / "jail/link");
    const auto caller = [&bench] {
        cache::driver::Caller of;
        of.root = Fd(open((bench.root() / "jail").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        return of;
    };
    CHECK(bench.command("dir /link/b") == 0); // inside, links mean what they mean to the caller
    CHECK(bench.cache->command("bind", caller()) == 0);
    CHECK(fs::exists(bench.root() / "jail/a/b/cache"));
    bench.open();
    CHECK(bench.command("dir /../../a") == 0);
    CHECK(bench.cache->command("bind", caller()) == 0);
    CHECK(fs::exists(bench.root() / "jail/a/graveyard"));
}

TEST_CASE("file systems that cannot hold a cache") {
    DriverBench bench;
    CHECK(bench.command("dir /proc") == 0);
    CHECK(bench.command("bind") == EOPNOTSUPP);
    struct statfs status{};
    if (statfs("/dev/shm", &status) != 0 || status.f_type != TMPFS_MAGIC)
        return;
    bench.open();
    CHECK(bench.command("dir /dev/shm") == 0);
    CHECK(bench.command("bind") == EOPNOTSUPP);
    CHECK_FALSE(fs::exists("/dev/shm/cache"));
}

TEST_CASE("what is not a directory where one belongs") {
    NEED_A_STORE();
    DriverBench bench;
    SUBCASE("a file") {
        std::ofstream(bench.root() / "cache").put('x');
    }
    SUBCASE("a symbolic link") {
        fs::create_directory_symlink("/", bench.root() / "graveyard");
    }
    CHECK(bench.command("dir " + bench.root().native()) == 0);
    CHECK(bench.command("bind") == EIO);
    CHECK(bench.command("bind") == EIO); // and lives
    CHECK(bench.bounds == 0);
}

TEST_CASE("a directory that another process has") {
    NEED_A_STORE();
    DriverBench bench;
    CHECK(bench.command("dir " + bench.root().native()) == 0);
    {
        const cache::store::Root other(bench.root());
        CHECK(bench.command("bind") == EBUSY);
    }
    CHECK(bench.command("bind") == 0);
}

TEST_CASE("a full file system: only a cache that is complete is bound, and culls at once") {
    NEED_A_STORE();
    DriverBench bench;
    for (const char* const limit : {"brun 99%", "bcull 98%", "bstop 97%"})
        CHECK(bench.command(limit) == 0);
    struct statfs status{};
    REQUIRE(statfs(bench.root().c_str(), &status) == 0);
    if (status.f_bavail > status.f_blocks / 100 * 97)
        return; // nearly empty: it cannot be tried here
    CHECK(bench.command("dir " + bench.root().native()) == 0);
    CHECK(bench.command("bind") == ENOBUFS);
    CHECK(bench.driver.no_space().creates == 1);
    CHECK_FALSE(fs::exists(bench.root() / "cache"));
    fs::create_directory(bench.root() / "cache");
    CHECK(bench.command("bind") == ENOBUFS);
    fs::create_directory(bench.root() / "graveyard");
    CHECK(bench.command("bind") == 0);
    CHECK(bench.state().culling);
}
