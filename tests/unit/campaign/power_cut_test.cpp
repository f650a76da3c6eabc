// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "tests/campaign/power_cut.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>

using namespace cachefiles;
using namespace cachefiles::campaign;

namespace {

constexpr std::size_t unit = 512;
constexpr std::uint64_t flush = 1;
constexpr std::uint64_t fua = 2;
constexpr std::uint64_t discard = 4;
constexpr std::uint64_t mark = 8;

/// A log as the kernel writes it, and the disk that a replay makes.
class Log {
public:
    /// `value`: of every byte of the data.
    void write(std::uint64_t sector, std::uint64_t sectors, char value, std::uint64_t flags = 0) {
        head(sector, sectors, flags, "");
        if ((flags & discard) == 0)
            body_ += std::string(sectors * unit, value);
    }
    void flushed() { head(0, 0, flush, ""); }
    void marked(const std::string& text) { head(0, 0, mark, text); }

    [[nodiscard]] const WriteLog& open() {
        std::string super(unit, '\0');
        const std::uint64_t words[]{0x6a736677736872, 1, count_, unit};
        std::memcpy(super.data(), words, 28);
        const std::filesystem::path path = directory_.path() / "log";
        std::ofstream(path, std::ios::binary) << super << body_;
        log_.emplace(path);
        return *log_;
    }

    /// The disk's sectors, by their first bytes, after a cut.
    [[nodiscard]] std::string cut(std::size_t entries, std::uint64_t seed) {
        std::string disk(64 * unit, '.');
        const auto write = [&](std::uint64_t offset, std::span<const std::byte> data) {
            REQUIRE(offset + data.size() <= disk.size());
            std::memcpy(disk.data() + offset, data.data(), data.size());
        };
        const PowerCut cut(open(), entries);
        cut.write_flushed(0, write);
        cut.write_rest(seed, write);
        std::string sectors;
        for (std::size_t at = 0; at < disk.size(); at += unit)
            sectors += disk[at];
        return sectors.substr(0, sectors.find_last_not_of('.') + 1);
    }

private:
    void head(std::uint64_t sector, std::uint64_t sectors, std::uint64_t flags,
              const std::string& text) {
        std::string entry(unit, '\0');
        const std::uint64_t words[]{sector, sectors, flags, text.size()};
        std::memcpy(entry.data(), words, sizeof words);
        std::copy(text.begin(), text.end(), entry.begin() + sizeof words);
        body_ += entry;
        ++count_;
    }

    tests::TemporaryDirectory directory_;
    std::string body_;
    std::uint64_t count_ = 0;
    std::optional<WriteLog> log_;
};

std::set<std::string> outcomes(Log& log, std::size_t entries) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed)
        seen.insert(log.cut(entries, seed));
    return seen;
}

} // namespace

TEST_CASE("what was flushed is there, of the rest any part") {
    Log log;
    log.write(0, 1, 'a');
    log.write(1, 1, 'b');
    log.flushed();
    log.write(2, 1, 'c');
    log.write(0, 1, 'd');
    CHECK(outcomes(log, 0) == std::set<std::string>{""});
    CHECK(outcomes(log, 2) == std::set<std::string>{"", "a", ".b", "ab"});
    CHECK(outcomes(log, 3) == std::set<std::string>{"ab"});
    CHECK(outcomes(log, 5) == std::set<std::string>{"ab", "abc", "db", "dbc"});
}

TEST_CASE("what was written through the cache is there, whatever came before it") {
    Log log;
    log.write(0, 1, 'a');
    log.write(1, 1, 'b', fua);
    CHECK(outcomes(log, 2) == std::set<std::string>{".b", "ab"});
}

TEST_CASE("an entry that flushes does not flush its own data") {
    Log log;
    log.write(0, 1, 'a');
    log.write(1, 1, 'b', flush);
    CHECK(outcomes(log, 2) == std::set<std::string>{"a", "ab"});
    log.write(2, 1, 'c', flush | fua);
    CHECK(outcomes(log, 3) == std::set<std::string>{"abc"});
}

TEST_CASE("a long write may arrive in pieces") {
    Log log;
    log.write(0, 16, 'a'); // two of 4 KiB
    const std::set<std::string> seen = outcomes(log, 1);
    CHECK(seen.size() == 4);
    CHECK(seen.contains(std::string(8, 'a')));
    CHECK(seen.contains(std::string(8, '.') + std::string(8, 'a')));
}

TEST_CASE("a discard leaves zeros") {
    Log log;
    log.write(0, 2, 'a');
    log.write(0, 1, 'x', discard);
    log.flushed();
    CHECK(outcomes(log, 3) == std::set<std::string>{std::string("\0a", 2)});
}

TEST_CASE("marks are found, and a later cut goes on from an earlier one") {
    Log log;
    log.write(0, 1, 'a');
    log.marked("1");
    log.flushed();
    log.write(1, 1, 'b');
    log.marked("2");
    log.flushed();
    const WriteLog& opened = log.open();
    CHECK(PowerCut(opened, 1).last_mark().empty());
    CHECK(PowerCut(opened, 4).last_mark() == "1");
    CHECK(PowerCut(opened, 6).last_mark() == "2");
    CHECK(PowerCut(opened, 4).flushed() == 2);
    std::vector<std::uint64_t> offsets;
    PowerCut(opened, 6).write_flushed(
        2, [&](std::uint64_t offset, std::span<const std::byte>) { offsets.push_back(offset); });
    CHECK(offsets == std::vector<std::uint64_t>{unit});
}

TEST_CASE("what is no log is refused") {
    tests::TemporaryDirectory directory;
    std::ofstream(directory.path() / "log") << std::string(4096, 'x');
    CHECK_THROWS_AS(WriteLog(directory.path() / "log"), SystemError);
    CHECK_THROWS_AS(WriteLog(directory.path() / "none"), SystemError);
}
