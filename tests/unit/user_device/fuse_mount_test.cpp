// SPDX-License-Identifier: GPL-2.0-or-later
// What is at the mount point before.
#include "base/error.hpp"
#include "daemon/user/device_file.hpp"
#include "daemon/user/fuse.hpp"
#include "daemon/user/fuse_mount.hpp"
#include "tests/unit/cache/driver/driver_bench.hpp"
#include "tests/unit/user_device/mount_namespace.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

using namespace cachefiles;
using namespace cachefiles::tests;
using daemon::user::DeviceFile;
using daemon::user::FuseMount;

TEST_CASE("what is left of a process that is gone is unmounted") {
    NEED_A_FUSE_MOUNT();
    DriverBench bench;
    bench.close();
    const TemporaryDirectory runtime;
    for (int mounts = 0; mounts < 2; ++mounts) { // as the kernel does it, without anybody to serve
        Fd fuse(open("/dev/fuse", O_RDWR | O_CLOEXEC));
        REQUIRE(fuse);
        const std::string options =
            fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", fuse.get());
        REQUIRE(mount("gone", runtime.path().c_str(), "fuse", 0, options.c_str()) == 0);
    }
    struct stat status{};
    REQUIRE(stat(runtime.path().c_str(), &status) == -1);
    REQUIRE(errno == ENOTCONN);
    {
        const DeviceFile file({bench.driver, runtime.path()});
        CHECK(stat(file.path().c_str(), &status) == 0);
    }
    CHECK(stat(runtime.path().c_str(), &status) == 0);
    CHECK(std::filesystem::is_empty(runtime.path()));
}

TEST_CASE("one that is served is left alone") {
    NEED_A_FUSE_MOUNT();
    DriverBench bench;
    bench.close();
    const TemporaryDirectory runtime;
    const DeviceFile file({bench.driver, runtime.path()});
    int error = 0;
    try {
        const DeviceFile other({bench.driver, runtime.path()});
    } catch (const SystemError& refused) {
        error = refused.error();
    }
    CHECK(error == EBUSY);
    CHECK(std::filesystem::exists(file.path()));
}

TEST_CASE("where nothing can be mounted") {
    NEED_A_FUSE_MOUNT();
    DriverBench bench;
    bench.close();
    const TemporaryDirectory runtime;
    std::ofstream(runtime.path() / "file").put('x');
    CHECK_THROWS(DeviceFile({bench.driver, runtime.path() / "file"}));
    CHECK_THROWS(DeviceFile({bench.driver, runtime.path() / "file/below"}));
}
