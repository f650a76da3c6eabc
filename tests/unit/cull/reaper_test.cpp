// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/reaper.hpp"
#include "tests/unit/cull/graveyard.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using cachefiles::cull::Reaper;

std::uint64_t blocks_of(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

std::size_t open_descriptors() {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

} // namespace

TEST_SUITE_BEGIN("cull::Reaper");

TEST_CASE("an empty graveyard is left as it is") {
    const Graveyard graveyard;
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    CHECK(reaper.empty());
    const Reaper::Report report = reaper.run(always);
    CHECK(report.files + report.directories + report.failed + report.bytes == 0);
    CHECK_FALSE(report.stopped);
    CHECK(log.lines().empty());
    CHECK(std::filesystem::is_directory(graveyard.path()));
}

TEST_CASE("volumes go with everything in them, and are counted") {
    const Graveyard graveyard;
    graveyard.add_volume("6b0362ca00000001", 3, 5);
    graveyard.add_volume("6b0362ca00000002", 2, 0);
    graveyard.write(graveyard.path() / "file", 20'000);
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(graveyard.path()))
        bytes += blocks_of(entry.path());
    RecordingLog log;
    Reaper reaper(graveyard.fd(), log);
    CHECK_FALSE(reaper.empty());
    const Reaper::Report report = reaper.run(always);
    CHECK(report.files == 3 * 5 + 1);
    CHECK(report.directories == 2 + 3 + 2);
    CHECK(report.bytes == bytes);
    CHECK(reaper.deleted_bytes() == bytes);
    CHECK(report.failed == 0);
    CHECK(reaper.empty());
    CHECK(log.lines().empty());
    CHECK(graveyard.outside_is_whole());
}

TEST_CASE("a file with another name elsewhere frees nothing") {
    const Graveyard graveyard;
    std::filesystem::create_hard_link(graveyard.outside() / "precious", graveyard.path() / "link");
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    const Reaper::Report report = reaper.run(always);
    CHECK(report.files == 1);
    CHECK(report.bytes == 0);
    CHECK(graveyard.outside_is_whole());
}

TEST_CASE("it stops when it is told to, and goes on in the next run") {
    const Graveyard graveyard;
    graveyard.add_volume("v", 4, 400);
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    CHECK(reaper.run([] { return false; }).stopped);
    CHECK(std::filesystem::exists(graveyard.path() / "v" / "@3" / "D399"));

    std::uint64_t files = 0;
    int runs = 0;
    for (Reaper::Report report; runs == 0 || report.stopped; ++runs) {
        int questions = 0;
        report = reaper.run([&questions] { return ++questions <= 2; });
        files += report.files;
        CHECK(report.files <= 512);
    }
    CHECK(runs > 2);
    CHECK(files == 1'600);
    CHECK(reaper.empty());
}

TEST_CASE("the position of the borrowed descriptor does not matter and does not move") {
    const Graveyard graveyard;
    graveyard.add_volume("v", 1, 10);
    REQUIRE(lseek(graveyard.fd(), 2, SEEK_SET) == 2);
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    CHECK_FALSE(reaper.empty());
    CHECK(reaper.run(always).files == 10);
    CHECK(lseek(graveyard.fd(), 0, SEEK_CUR) == 2);
}

TEST_CASE("what is no directory cannot be a graveyard") {
    const Graveyard graveyard;
    const Fd file(open((graveyard.outside() / "precious").c_str(), O_RDONLY | O_CLOEXEC));
    NullLog log;
    CHECK_THROWS_AS(Reaper(file.get(), log), SystemError);
    CHECK_THROWS_AS(Reaper(-1, log), SystemError);
}

TEST_CASE("a wide directory") {
    const Graveyard graveyard;
    std::filesystem::create_directory(graveyard.path() / "wide");
    const Fd wide(open((graveyard.path() / "wide").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < 50'000; ++i) {
        const std::string name = "Dobject-with-a-name-of-some-length-" + std::to_string(i);
        REQUIRE(mknodat(wide.get(), name.c_str(), S_IFREG | 0600, 0) == 0);
    }
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    const Reaper::Report report = reaper.run(always);
    CHECK(report.files == 50'000);
    CHECK(report.directories == 1);
    CHECK(reaper.empty());
}

TEST_CASE("a deep chain is deleted with few descriptors, also when the run is cut short") {
    const Graveyard graveyard;
    graveyard.add_chain(2'000);
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    const std::size_t before = open_descriptors();
    std::size_t most = 0;
    int questions = 0;
    const Reaper::Report cut = reaper.run([&] {
        most = std::max(most, open_descriptors());
        return ++questions <= 8;
    });
    CHECK(cut.stopped);
    const Reaper::Report rest = reaper.run([&] {
        most = std::max(most, open_descriptors());
        return true;
    });
    CHECK(cut.files + rest.files == 2'000);
    CHECK(cut.directories + rest.directories == 2'000);
    CHECK(rest.failed == 0);
    CHECK(most <= before + 17);
    CHECK(open_descriptors() == before);
    CHECK(reaper.empty());
}

TEST_CASE("many branches that are too deep") {
    const Graveyard graveyard;
    std::filesystem::path deep = graveyard.path();
    for (int i = 0; i < 40; ++i) {
        deep /= "d";
        for (int branch = 0; branch < 20; ++branch)
            std::filesystem::create_directories(deep / ("branch" + std::to_string(branch)) / "x");
    }
    // As an earlier run may have left them; the numbers must not get into each other's way.
    std::filesystem::create_directories(graveyard.path() / "reaper-1" / "y");
    graveyard.write(graveyard.path() / "reaper-3", 1);
    NullLog log;
    Reaper reaper(graveyard.fd(), log);
    const Reaper::Report report = reaper.run(always);
    CHECK(report.failed == 0);
    CHECK(report.directories == 40 + 40 * 20 * 2 + 2);
    CHECK(report.files == 1);
    CHECK(reaper.empty());
}

TEST_SUITE_END();
