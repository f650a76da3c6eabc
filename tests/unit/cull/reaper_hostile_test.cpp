// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/message_ids.hpp"
#include "cull/reaper.hpp"
#include "tests/unit/cull/graveyard.hpp"

#include <doctest/doctest.h>

#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using cachefiles::cull::Reaper;
namespace fs = std::filesystem;

/// The immutable flag of a file, for as long as this lives.
class Immutable final {
public:
    explicit Immutable(const fs::path& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        set_ = change(FS_IMMUTABLE_FL);
    }
    ~Immutable() { change(0); }
    Immutable(const Immutable&) = delete;
    Immutable& operator=(const Immutable&) = delete;

    [[nodiscard]] bool supported() const { return set_; }

private:
    bool change(int flag) const {
        int flags = 0;
        if (ioctl(file_.get(), FS_IOC_GETFLAGS, &flags) != 0)
            return false;
        flags = (flags & ~FS_IMMUTABLE_FL) | flag;
        return ioctl(file_.get(), FS_IOC_SETFLAGS, &flags) == 0;
    }

    Fd file_;
    bool set_ = false;
};

/// Runs `action` on a thread of its own in a mount namespace of its own, which ends with it.
/// False where that is not permitted.
bool in_private_mounts(const std::function<void()>& action) {
    bool permitted = false;
    std::thread([&] {
        permitted = unshare(CLONE_NEWNS) == 0 &&
                    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        if (permitted)
            action();
    }).join();
    return permitted;
}

} // namespace

TEST_SUITE_BEGIN("cull::Reaper hostile");

TEST_CASE("symbolic links are deleted, not followed") {
    const Graveyard graveyard;
    graveyard.add_volume("v", 1, 1);
    fs::create_directory_symlink(graveyard.outside(), graveyard.path() / "out");
    fs::create_symlink(graveyard.outside() / "precious", graveyard.path() / "v" / "file");
    fs::create_directory_symlink("../../outside", graveyard.path() / "v" / "relative");
    fs::create_symlink("nowhere", graveyard.path() / "dangling");
    fs::create_symlink("loop", graveyard.path() / "loop");
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    const Reaper::Report report = reaper.run(always);
    CHECK(report.files == 6);
    CHECK(report.failed == 0);
    CHECK(reaper.empty());
    CHECK(graveyard.outside_is_whole());
}

TEST_CASE("names of any bytes, and files of any type") {
    const Graveyard graveyard;
    for (const std::string& name :
         {std::string("a\nb"), std::string("\xff\xfe"), std::string("-rf"), std::string("..x"),
          std::string("..."), std::string(" "), std::string("\\"), std::string("reaper-0"),
          std::string(255, 'n'), std::string("\x01")}) {
        fs::create_directory(graveyard.path() / name);
        graveyard.write(graveyard.path() / name / name, 1);
    }
    REQUIRE(mkfifo((graveyard.path() / "fifo").c_str(), 0600) == 0);
    REQUIRE(mknod((graveyard.path() / "socket").c_str(), S_IFSOCK | 0600, 0) == 0);
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    const Reaper::Report report = reaper.run(always);
    CHECK(report.files == 12);
    CHECK(report.directories == 10);
    CHECK(reaper.empty());
}

TEST_CASE("a mount point stays with what leads to it, everything else goes") {
    const Graveyard graveyard;
    graveyard.add_volume("v", 3, 10);
    graveyard.write(graveyard.path() / "v" / "file", 1);
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    const bool permitted = in_private_mounts([&] {
        const std::string target = graveyard.path() / "v" / "@1";
        const std::string file = graveyard.path() / "v" / "file";
        // The same file system: only the mount tells them apart.
        REQUIRE(mount(graveyard.outside().c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0);
        REQUIRE(mount((graveyard.outside() / "precious").c_str(), file.c_str(), nullptr, MS_BIND,
                      nullptr) == 0);
        // A descriptor knows the namespace it was opened in.
        const Fd here(open(graveyard.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        Reaper inside(here.get(), log);
        for (int run = 0; run < 3; ++run) {
            const Reaper::Report report = inside.run(always);
            CHECK(report.failed == 2);
            CHECK(report.files == (run == 0 ? 20 : 0));
        }
    });
    if (!permitted) {
        MESSAGE("mounting is not permitted here: skipped");
        return;
    }
    CHECK(graveyard.outside_is_whole());
    REQUIRE(log.lines().size() == 1); // once, not at every run
    CHECK(log.lines()[0].message_id == message_id::graveyard_stuck);
    CHECK(fs::exists(graveyard.path() / "v" / "@1"));
    CHECK_FALSE(fs::exists(graveyard.path() / "v" / "@2"));
    CHECK(reaper.run(always).failed == 0); // the mounts are gone
    CHECK(reaper.empty());
    CHECK(graveyard.outside_is_whole());
}

TEST_CASE("an immutable file is reported once, skipped, and deleted when it can be") {
    const Graveyard graveyard;
    graveyard.add_volume("v", 2, 5);
    fs::rename(graveyard.path() / "v" / "@0" / "D3", graveyard.path() / "v" / "@0" / "D\n3");
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    {
        const Immutable immutable(graveyard.path() / "v" / "@0" / "D\n3");
        if (!immutable.supported()) {
            MESSAGE("no immutable files here: skipped");
            return;
        }
        const Reaper::Report report = reaper.run(always);
        CHECK(report.files == 9);
        CHECK(report.directories == 1);
        CHECK(report.failed == 1);
        CHECK(reaper.run(always).failed == 1);
        REQUIRE(log.lines().size() == 1);
        CHECK(log.contains("v/@0/D\\x0a3: Operation not permitted"));
        CHECK_FALSE(reaper.empty());
    }
    CHECK(reaper.run(always).failed == 0);
    CHECK(reaper.empty());
    CHECK(log.lines().size() == 1);
}

TEST_CASE("an immutable directory far down does not hold up its neighbours, nor the end") {
    const Graveyard graveyard;
    fs::path deep = graveyard.path();
    for (int i = 0; i < 60; ++i)
        deep /= "d";
    fs::create_directories(deep / "stuck");
    fs::create_directories(deep / "free");
    graveyard.write(deep / "stuck" / "file", 1);
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    {
        const Immutable immutable(deep / "stuck");
        if (!immutable.supported()) {
            MESSAGE("no immutable files here: skipped");
            return;
        }
        CHECK(reaper.run(always).failed == 1);
        CHECK(reaper.run(always).failed == 1);
        CHECK(log.lines().size() == 1);
    }
    CHECK(reaper.run(always).failed == 0);
    CHECK(reaper.empty());
}

TEST_CASE("somebody else deletes at the same time") {
    const Graveyard graveyard;
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    for (int round = 0; round < 5; ++round) {
        graveyard.add_volume("v", 16, 60);
        std::thread other([&] {
            std::error_code ignored;
            fs::remove_all(graveyard.path() / "v", ignored);
        });
        const Reaper::Report report = reaper.run(always);
        other.join();
        CHECK(report.failed == 0);
        static_cast<void>(reaper.run(always)); // a directory that the other made fail half-way
        CHECK(reaper.empty());
    }
}

TEST_CASE("somebody adds at the same time: each run ends, and the last one finds nothing") {
    const Graveyard graveyard;
    graveyard.add_volume("v", 8, 50);
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    std::atomic<bool> stop = false;
    std::thread other([&] {
        for (unsigned i = 0; !stop; ++i) {
            const std::string name = graveyard.path() / "v" / "@1" / ("new" + std::to_string(i));
            const Fd file(open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        }
    });
    for (int run = 0; run < 5; ++run)
        static_cast<void>(reaper.run(always));
    stop = true;
    other.join();
    CHECK(reaper.run(always).failed == 0);
    CHECK(reaper.empty());
}

TEST_CASE("a directory exchanged for a link to the outside, over and over") {
    const Graveyard graveyard;
    for (int i = 0; i < 500; ++i)
        graveyard.write(graveyard.outside() / std::to_string(i), 1);
    const auto outside_files = [&graveyard] {
        return std::distance(fs::directory_iterator(graveyard.outside()), {});
    };
    const std::string directory = graveyard.path() / "directory";
    const std::string link = graveyard.path() / "link";
    std::atomic<bool> stop = false;
    std::thread other([&] {
        while (!stop)
            renameat2(AT_FDCWD, directory.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
    });
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    for (int round = 0; round < 200; ++round) {
        std::error_code ignored; // the other thread may have left a link under this name
        fs::create_directory(directory, ignored);
        for (int i = 0; i < 5; ++i) {
            const Fd file(open((directory + "/" + std::to_string(i)).c_str(),
                               O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
        }
        fs::create_directory_symlink(graveyard.outside(), link, ignored);
        static_cast<void>(reaper.run(always));
    }
    stop = true;
    other.join();
    static_cast<void>(reaper.run(always));
    CHECK(reaper.empty());
    CHECK(outside_files() == 501);
    CHECK(graveyard.outside_is_whole());
}

TEST_SUITE_END();
