// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/metrics_file.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;
using metrics::MetricsFile;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Bench final {
public:
    explicit Bench(const std::string& name = "a.prom")
        : path(directory_.path() / name), settings{path, 15s},
          file(std::in_place, settings, clock, log) {}

    std::size_t asked = 0;
    void turn() {
        file->turn([this] { return "text " + std::to_string(++asked) + "\n"; });
    }
    [[nodiscard]] const fs::path& directory() const { return directory_.path(); }
    [[nodiscard]] std::ptrdiff_t entries() const {
        return std::distance(fs::directory_iterator(directory()), {});
    }

private:
    TemporaryDirectory directory_;

public:
    SimulatedClock clock;
    RecordingLog log;
    fs::path path;
    MetricsSettings settings;
    std::optional<MetricsFile> file;
};

} // namespace

TEST_CASE("metrics file: at once, then once in the interval, and gone at the end") {
    Bench bench;
    bench.turn();
    CHECK(contents(bench.path) == "text 1\n");
    struct stat status{};
    REQUIRE(::stat(bench.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0644);
    bench.clock.advance(15s - 1ns);
    bench.turn();
    CHECK(bench.asked == 1);
    bench.clock.advance(1ns);
    bench.turn();
    CHECK(contents(bench.path) == "text 2\n");
    CHECK(bench.entries() == 1);
    bench.file.reset();
    CHECK(bench.entries() == 0);
}

TEST_CASE("metrics file: a reader of the one before reads on in that") {
    Bench bench;
    bench.turn();
    std::ifstream before(bench.path);
    bench.clock.advance(15s);
    bench.turn();
    std::string line;
    std::getline(before, line);
    CHECK(line == "text 1");
}

TEST_CASE("metrics file: none is wanted, or another one") {
    Bench bench;
    bench.turn();
    const fs::path other = bench.directory() / "b.prom";
    bench.file->change({other, 1h});
    bench.turn(); // at once, whatever the interval
    CHECK_FALSE(fs::exists(bench.path));
    CHECK(contents(other) == "text 2\n");
    bench.file->change({std::nullopt, 1h});
    bench.turn();
    CHECK(bench.entries() == 0);
    CHECK(bench.asked == 2);
}

TEST_CASE("metrics file: what cannot be written is said once") {
    Bench bench("sub/a.prom");
    for (int i = 0; i < 3; ++i) {
        bench.turn();
        bench.clock.advance(15s);
    }
    REQUIRE(bench.log.lines().size() == 1);
    CHECK(bench.log.lines()[0].severity == Severity::warning);
    CHECK(bench.log.lines()[0].text.ends_with("a.prom: No such file or directory"));
    fs::create_directory(bench.directory() / "sub");
    bench.turn();
    bench.clock.advance(15s);
    bench.turn();
    REQUIRE(bench.log.lines().size() == 2);
    CHECK(bench.log.lines()[1].severity == Severity::notice);
    fs::rename(bench.directory() / "sub", bench.directory() / "away");
    bench.clock.advance(15s);
    bench.turn();
    CHECK(bench.log.lines().size() == 3);
}

TEST_CASE("metrics file: nothing that lies there leads elsewhere") {
    Bench bench;
    const fs::path precious = bench.directory() / "precious";
    std::ofstream(precious) << "mine";
    fs::create_symlink(precious, bench.directory() / ".a.prom.new");
    fs::create_symlink(precious, bench.path);
    bench.turn();
    CHECK(contents(precious) == "mine");
    CHECK(contents(bench.path) == "text 1\n");
    CHECK_FALSE(fs::is_symlink(bench.path));
    CHECK(bench.entries() == 2);
}

TEST_CASE("metrics file: what cannot take the place of the other is not left there") {
    Bench bench;
    fs::create_directory(bench.path);
    bench.turn();
    CHECK(bench.log.lines().size() == 1);
    CHECK(bench.entries() == 1);
    bench.file.reset();
    CHECK(fs::is_directory(bench.path)); // it is not ours
}
