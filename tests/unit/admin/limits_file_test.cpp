// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/limits_file.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fstream>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

namespace {

namespace fs = std::filesystem;

struct Etc {
    TemporaryDirectory directory;
    LoadRequest request;

    Etc() { request.etc = directory.path(); }

    void write(const char* name, const std::string& text) const {
        fs::create_directories((directory.path() / name).parent_path());
        std::ofstream(directory.path() / name) << text;
    }
    [[nodiscard]] std::string read(const char* name) const {
        std::ifstream stream(directory.path() / name);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    [[nodiscard]] std::expected<void, std::string> keep(const LimitChange& change) const {
        return LimitsFile(request).keep(change);
    }
    [[nodiscard]] cull::Limits limits() const { return load(request)->config.limits; }

    static constexpr const char* file = "cachefilesd.yaml.d/90-limits.yaml";
};

} // namespace

TEST_SUITE_BEGIN("admin: limits that are kept");

TEST_CASE("they count at the next start, with those that were kept before") {
    Etc etc;
    etc.write("cachefilesd.yaml", "limits:\n  max-files: 10\n  min-free: 1GiB\n");
    CHECK(etc.keep({.max_size = 123'456'789}));
    CHECK(etc.keep({.max_files = 0, .max_age = 86'400, .min_age = 60}));
    cull::Limits limits = etc.limits();
    CHECK(limits.max_size == 123'456'789);
    CHECK_FALSE(limits.max_files);
    CHECK(limits.min_free == 1 << 30);
    CHECK(limits.max_age == 86'400);
    CHECK(limits.min_age == 60);
    CHECK(etc.keep({.max_size = 0, .min_age = 0}));
    limits = etc.limits();
    CHECK_FALSE(limits.max_size);
    CHECK(limits.min_age == 0);
    CHECK(limits.max_age == 86'400);
    struct stat status{};
    REQUIRE(stat((etc.directory.path() / Etc::file).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0644);
    for (const auto& entry : fs::directory_iterator(etc.directory.path() / "cachefilesd.yaml.d"))
        CHECK(entry.path().filename() == LimitsFile::name);
}

TEST_CASE("the drop-ins are those of the configuration that was loaded") {
    Etc etc;
    etc.write("other.yaml", "limits:\n  max-files: 10\n");
    etc.request.file = etc.directory.path() / "other.yaml";
    CHECK(etc.keep({.max_files = 20}));
    CHECK(fs::exists(etc.directory.path() / "other.yaml.d/90-limits.yaml"));
    CHECK(etc.limits().max_files == 20);
}

TEST_CASE("without any file, and beside a stock one that was not named") {
    Etc etc;
    CHECK(etc.keep({.max_files = 20}));
    CHECK(etc.limits().max_files == 20);
    etc.write("cachefilesd.conf", "dir /var/cache/fscache\nbrun 10%\n");
    CHECK(etc.keep({.max_size = 1 << 20}));
    CHECK(etc.limits().max_size == 1 << 20);
    CHECK(etc.limits().watermarks.blocks.run == 10);
}

TEST_CASE("a stock file that was named has no drop-ins") {
    Etc etc;
    etc.write("cachefilesd.conf", "dir /var/cache/fscache\n");
    etc.request.file = etc.directory.path() / "cachefilesd.conf";
    const auto refused = etc.keep({.max_files = 20});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("cachefilesd.conf") != std::string::npos);
    CHECK_FALSE(fs::exists(etc.directory.path() / "cachefilesd.conf.d"));
}

TEST_CASE("what makes the configuration invalid is taken back") {
    Etc etc;
    etc.write("cachefilesd.yaml", "limits:\n  max-age: 1h\n");
    CHECK_FALSE(etc.keep({.min_age = 7'200}));
    CHECK_FALSE(fs::exists(etc.directory.path() / Etc::file));
    CHECK(etc.keep({.max_files = 5}));
    const std::string before = etc.read(Etc::file);
    const auto refused = etc.keep({.min_age = 7'200});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("min-age") != std::string::npos);
    CHECK(etc.read(Etc::file) == before);
}

TEST_CASE("a file that somebody has written is not written over") {
    for (const char* text :
         {"limits:\n  brun: 9%\n", "volumes: []\n", "limits: [\n", "limits: 5\n"}) {
        Etc etc;
        etc.write(Etc::file, text);
        CHECK_FALSE(etc.keep({.max_files = 5}));
        CHECK(etc.read(Etc::file) == text);
    }
}

TEST_CASE("a drop-in that somebody has switched off stays so") {
    Etc etc;
    fs::create_directory(etc.directory.path() / "cachefilesd.yaml.d");
    fs::create_symlink("/dev/null", etc.directory.path() / Etc::file);
    CHECK_FALSE(etc.keep({.max_files = 5}));
    CHECK(fs::is_symlink(etc.directory.path() / Etc::file));
}

TEST_CASE("where it cannot be written, that is said") {
    Etc etc;
    etc.write("cachefilesd.yaml.d", "a file"); // root may write into any directory
    const auto refused = etc.keep({.max_files = 5});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("90-limits.yaml") != std::string::npos);
}

TEST_SUITE_END();
