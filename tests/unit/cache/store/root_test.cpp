// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "cache/store/faults.hpp"
#include "cache/store/store.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>

using namespace cachefiles;
using namespace cachefiles::tests;
namespace faults = cachefiles::cache::store::faults;
using cachefiles::cache::store::Root;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status.st_mode;
}

/// The error of opening it, or an empty text.
std::string refusal(const std::filesystem::path& path) {
    try {
        const Root root(path);
        return {};
    } catch (const SystemError& error) {
        return error.what();
    }
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a root gets its two directories, with the modes of the format") {
    NEED_A_STORE();
    const TemporaryDirectory directory;
    const Root root(directory.path());
    CHECK(mode_of(directory.path() / "cache") == (S_IFDIR | 0700));
    CHECK(mode_of(directory.path() / "graveyard") == (S_IFDIR | 0700));
    CHECK(std::filesystem::is_empty(directory.path() / "cache"));
    CHECK(std::filesystem::is_empty(directory.path() / "graveyard")); // of the probe, too
}

TEST_CASE("a root that was there is taken as it is") {
    NEED_A_STORE();
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory.path() / "cache/Ix");
    const Root root(directory.path());
    CHECK(std::filesystem::exists(directory.path() / "cache/Ix"));
}

TEST_CASE("a root is held by one, and the other is told by whom") {
    NEED_A_STORE();
    const TemporaryDirectory directory;
    {
        const Root root(directory.path());
        try {
            const Root second(directory.path());
            FAIL("held twice");
        } catch (const SystemError& error) {
            CHECK(error.error() == EBUSY);
            CHECK(contains(error.what(), "is in use by"));
            CHECK(contains(error.what(), fmt::format("process {} (cache_store_tes)", getpid())));
        }
    }
    CHECK(refusal(directory.path()).empty());
}

TEST_CASE("what is no directory is refused") {
    NEED_A_STORE();
    const TemporaryDirectory directory;
    CHECK(contains(refusal(directory.path() / "none"), "cannot open the cache directory"));
    std::ofstream(directory.path() / "graveyard") << "x";
    CHECK(contains(refusal(directory.path()), "graveyard: Not a directory"));
    std::filesystem::remove(directory.path() / "graveyard");
    std::filesystem::create_directory_symlink("/tmp", directory.path() / "graveyard");
    CHECK(contains(refusal(directory.path()), "cannot open"));
}

TEST_CASE("a file system that cannot do it is refused, with the feature named") {
    NEED_A_STORE();
    struct Case {
        unsigned which;
        unsigned nth;
        const char* feature;
    };
    for (const Case& each :
         {Case{faults::write, 1, "O_TMPFILE"}, Case{faults::write, 2, "extended attributes"},
          Case{faults::read, 1, "linkat"}, Case{faults::read, 2, "rename"},
          Case{faults::read, 3, "rename"}}) {
        CAPTURE(each.feature);
        const TemporaryDirectory directory;
        const std::size_t descriptors = open_descriptors();
        faults::fail_nth(each.which, EOPNOTSUPP, each.nth);
        CHECK(contains(refusal(directory.path()), each.feature));
        CHECK(faults::clear() == 1);
        CHECK(open_descriptors() == descriptors);
        CHECK(std::filesystem::is_empty(directory.path() / "cache"));
        CHECK(std::filesystem::is_empty(directory.path() / "graveyard"));
    }
}

TEST_CASE("a full file system is not refused") {
    NEED_A_STORE();
    const TemporaryDirectory directory;
    for (unsigned nth = 1; nth <= 2; ++nth) {
        faults::fail_nth(faults::write, ENOSPC, nth);
        CHECK(refusal(directory.path()).empty());
        CHECK(faults::clear() == 1);
    }
}

TEST_CASE("a directory that is open already is taken by its descriptor") {
    NEED_A_STORE();
    const TemporaryDirectory directory;
    const Fd fd(open(directory.path().c_str(), O_PATH | O_CLOEXEC));
    const Root root("what it is called", fd.get());
    CHECK(std::filesystem::exists(directory.path() / "graveyard"));
    CHECK(contains(refusal(directory.path()), "is in use"));
}

TEST_CASE("the end of a store frees its directory, whoever holds a file of it") {
    NEED_A_STORE();
    StoreBench bench;
    const auto volume = bench.attach();
    const auto object = bench.look_up(*volume, "a", {"1", 4096}).object;
    const auto file = object->file();
    bench.close();
    CHECK(refusal(bench.root()).empty());
}
