// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;
namespace fs = std::filesystem;

namespace {

struct FullDiskFixture : IndexFixture {
    FullDiskFixture() {
        const auto fault = [this] {
            return full ? full() : SQLITE_OK;
        };
        options.hooks = std::make_shared<TestHooks>(TestHooks{.fault = fault, .sync = false});
    }
    [[nodiscard]] bool reserve_is_there() const { return fs::exists(reserve); }
    void put(int from, int to) {
        const DirectoryId place{index->add_volume("v"), 1};
        for (int i = from; i < to; ++i)
            index->put(place, fmt::format("{:040}", i), used_at(i));
    }

    fs::path reserve = options.path.string() + "-reserve";
    std::function<int()> full;
};

/// A file system of a few MiB. Not mounted if that is not allowed here.
class SmallFileSystem final {
public:
    explicit SmallFileSystem(const char* size)
        : mounted_(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, size) == 0) {}
    ~SmallFileSystem() {
        if (mounted_)
            ::umount2(directory_.path().c_str(), MNT_DETACH);
    }
    SmallFileSystem(const SmallFileSystem&) = delete;
    SmallFileSystem& operator=(const SmallFileSystem&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }
    [[nodiscard]] const fs::path& path() const { return directory_.path(); }

    void fill() const {
        std::ofstream file(path() / "filler", std::ios::app | std::ios::binary);
        const std::string block(4096, 'x');
        while (file.write(block.data(), 4096).flush()) {
        }
    }
    void make_room() const { fs::remove(path() / "filler"); }

private:
    TemporaryDirectory directory_;
    bool mounted_;
};

} // namespace

TEST_CASE_FIXTURE(FullDiskFixture, "the reserve has blocks") {
    open();
    struct stat status{};
    REQUIRE(::stat(reserve.c_str(), &status) == 0);
    CHECK(static_cast<std::uint64_t>(status.st_blocks) * 512 >= options.reserve);
}

TEST_CASE_FIXTURE(FullDiskFixture, "a write that finds the disk full gets the reserve") {
    open();
    put(0, 100);
    const std::uint64_t generation = index->generation();
    full = [this] {
        return reserve_is_there() ? SQLITE_FULL : SQLITE_OK;
    };
    CHECK(index->commit());
    CHECK(log.contains("gave up the reserve"));
    full = nullptr;
    put(100, 101);
    CHECK(index->commit());
    CHECK(reserve_is_there()); // made again
    CHECK(index->generation() == generation);
    open();
    CHECK(index->totals().objects == 101);
    CHECK(sound());
}

TEST_CASE_FIXTURE(FullDiskFixture, "changes that a full disk swallows are a loss that is told") {
    open();
    put(0, 100);
    REQUIRE(index->commit());
    const std::uint64_t generation = index->generation();
    put(100, 200);
    full = [] {
        return SQLITE_FULL;
    };
    CHECK_FALSE(index->commit());
    CHECK(index->generation() != generation);
    CHECK(log.contains("changes to the index were lost"));
    CHECK(index->totals().objects == 100);
    CHECK(order().size() == 100);
    put(200, 210); // goes on in memory
    CHECK(order().size() == 110);
    full = nullptr;
    CHECK(index->commit());
    CHECK(sound());
    const std::uint64_t later = index->generation();
    open();
    CHECK(index->generation() == later);
    CHECK(index->totals().objects == 110);
}

TEST_CASE_FIXTURE(FullDiskFixture, "a full disk in the middle of a change, at every write") {
    options.page_cache = 64 << 10; // so that there are writes
    for (int failing = 0; failing < 60; ++failing) {
        open();
        int writes = 0;
        full = [&writes, failing] {
            return writes++ >= failing ? SQLITE_FULL : SQLITE_OK;
        };
        put(0, 2000);
        (void)index->commit();
        full = nullptr;
        REQUIRE(index->commit());
        REQUIRE(index->verify() == std::vector<std::string>());
        index.reset();
        fs::remove(options.path);
    }
}

TEST_CASE_FIXTURE(IndexFixture, "a disk that is really full") {
    const SmallFileSystem disk("size=8m");
    if (!disk.mounted()) {
        MESSAGE("skipped: cannot mount");
        return;
    }
    options.path = disk.path() / "cache.db";
    options.reserve = 2 << 20;
    open();
    const VolumeId volume = index->add_volume("v");
    const auto put = [&](int from, int to) {
        for (int i = from; i < to; ++i)
            index->put({volume, 1}, fmt::format("{:040}", i), used_at(i));
    };
    put(0, 1000);
    REQUIRE(index->commit());
    const std::uint64_t generation = index->generation();

    disk.fill();
    put(1000, 3000);
    CHECK(index->commit()); // in what the reserve held
    CHECK(log.contains("gave up the reserve"));
    CHECK_FALSE(fs::exists(disk.path() / "cache.db-reserve"));

    disk.fill();
    put(3000, 20'000);
    CHECK_FALSE(index->commit());
    CHECK(index->totals().objects == 20'000); // in memory
    CHECK(index->generation() == generation);
    CHECK(order().size() == 20'000);

    disk.make_room();
    CHECK(index->commit());
    CHECK(fs::exists(disk.path() / "cache.db-reserve"));
    CHECK(log.contains("there is room again"));
    CHECK(sound());
    open();
    CHECK(index->totals().objects == 20'000);
    CHECK(sound());
    index.reset();
}

TEST_CASE_FIXTURE(IndexFixture, "a disk that is full from the start") {
    const SmallFileSystem disk("size=1m");
    if (!disk.mounted()) {
        MESSAGE("skipped: cannot mount");
        return;
    }
    disk.fill();
    options.path = disk.path() / "cache.db";
    open();
    CHECK(log.contains("in memory only"));
    index->put({index->add_volume("v"), 1}, "a", used_at(1));
    CHECK(order() == Names{"a"});
    index.reset();
}
