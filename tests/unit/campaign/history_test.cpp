// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/history.hpp"
#include "tests/campaign/journal.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace cachefiles;
using namespace cachefiles::campaign;

namespace {

constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();

/// A file whose next version is made by that change, with room for blocks in both.
std::uint32_t version_before(const Source& source, Source::Change change, bool grows) {
    for (std::uint32_t version = 0;; ++version) {
        const std::uint64_t now = source.size(version);
        const std::uint64_t then = source.size(version + 1);
        if (source.step(version + 1).change == change && now > 2 * block_size &&
            then > 2 * block_size && (then > now) == grows && now / block_size != then / block_size)
            return version;
    }
}

struct Fixture {
    tests::TemporaryDirectory directory;
    std::vector<Source> sources = make_sources({.seed = 3, .files = 2, .largest = 8 << 20});
    std::filesystem::path path = directory.path() / "journal";
    Journal journal{path, nullptr};

    [[nodiscard]] FileHistory file() const {
        return History::read(path, sources, everything).files[1];
    }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "no journal: every file is in its first version, nothing is cached") {
    const History history = History::read(directory.path() / "none", sources, everything);
    CHECK(history.lines == 0);
    CHECK(history.files.size() == 2);
    CHECK(history.files[1].version == 0);
    CHECK(history.files[1].blocks.empty());
}

TEST_CASE_FIXTURE(Fixture, "whole blocks of the present version are what ought to be cached") {
    const std::uint32_t version = version_before(sources[1], Source::Change::rewrite, true);
    journal.coming(1, version);
    journal.stored(1, version, 100, block_size);              // no whole block
    journal.stored(1, version, block_size, block_size + 100); // one, and a bit of the next
    journal.stored(1, version + 1, 0, block_size);            // of another version
    CHECK(file().blocks.size() == 1);
    CHECK(file().blocks.contains(1));
    const std::uint64_t size = sources[1].size(version);
    const std::uint64_t last = (size - 1) / block_size;
    journal.stored(1, version, last * block_size, size - last * block_size);
    CHECK(file().blocks.contains(last));
    CHECK(History::read(path, sources, 3).files[1].blocks.size() == 1);
    journal.unknown(1);
    CHECK(file().blocks.empty());
}

TEST_CASE_FIXTURE(Fixture, "a rewrite ends all blocks, a modification none") {
    const std::uint32_t version = version_before(sources[1], Source::Change::rewrite, true);
    journal.coming(1, version);
    journal.stored(1, version, 0, block_size);
    journal.coming(1, version + 1);
    CHECK(file().blocks.empty());
    std::uint32_t modified = version + 1;
    while (sources[1].step(modified + 1).change != Source::Change::modify)
        ++modified;
    journal.coming(1, modified);
    journal.stored(1, modified, 0, sources[1].size(modified));
    const std::size_t count = file().blocks.size();
    CHECK(count > 0);
    journal.modifying(1);
    journal.coming(1, modified + 1);
    CHECK(file().blocks.size() == count);
    CHECK(file().modifying);
    CHECK_FALSE(file().told);
    journal.modified(1);
    journal.current(1, modified + 1);
    CHECK_FALSE(file().modifying);
    CHECK(file().told);
}

TEST_CASE_FIXTURE(Fixture, "a shorter version ends the blocks beyond it") {
    const std::uint32_t version = version_before(sources[1], Source::Change::resize, false);
    journal.coming(1, version);
    journal.stored(1, version, 0, sources[1].size(version));
    journal.coming(1, version + 1);
    CHECK(file().blocks.size() == (sources[1].size(version + 1) + block_size - 1) / block_size);
}

TEST_CASE_FIXTURE(Fixture, "a longer version ends the last block, unless it was whole") {
    const std::uint32_t version = version_before(sources[1], Source::Change::resize, true);
    const std::uint64_t size = sources[1].size(version);
    journal.coming(1, version);
    journal.stored(1, version, 0, size);
    journal.coming(1, version + 1);
    CHECK(file().blocks.size() == size / block_size);
}
