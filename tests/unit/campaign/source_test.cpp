// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/object_name.hpp"
#include "tests/campaign/page.hpp"
#include "tests/campaign/source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::campaign;

namespace {

const SourceOptions options{.seed = 7, .files = 40, .largest = 1 << 20};

std::vector<std::byte> whole(const Source& source, std::uint32_t version) {
    std::vector<std::byte> data(source.size(version));
    REQUIRE(source.read(version, 0, data) == data.size());
    return data;
}

std::size_t first_version(const Source& source, Source::Change change) {
    std::uint32_t version = 1;
    while (source.step(version).change != change)
        ++version;
    return version;
}

} // namespace

TEST_CASE("a file's versions are a rewrite, then changes of every kind, within the size allowed") {
    std::set<Source::Change> seen;
    std::uint64_t smallest = options.largest;
    std::uint64_t largest = 0;
    for (std::uint32_t number = 0; number < options.files; ++number) {
        const Source source(options, number);
        CHECK(source.step(0).change == Source::Change::rewrite);
        for (std::uint32_t version = 1; version < 30; ++version) {
            seen.insert(source.step(version).change);
            smallest = std::min(smallest, source.size(version));
            largest = std::max(largest, source.size(version));
            CHECK(source.size(version) >= 1);
        }
    }
    CHECK(seen.size() == 3);
    CHECK(smallest < 4096);
    CHECK(largest > options.largest / 2);
    CHECK(largest <= options.largest);
}

TEST_CASE("a modification changes its range and nothing else") {
    const Source source(options, 3);
    const auto version = static_cast<std::uint32_t>(first_version(source, Source::Change::modify));
    const Source::Step step = source.step(version);
    const std::vector<std::byte> before = whole(source, version - 1);
    const std::vector<std::byte> after = whole(source, version);
    REQUIRE(before.size() == after.size());
    REQUIRE(step.start < step.end);
    REQUIRE(step.end <= after.size());
    const auto at = [](const std::vector<std::byte>& data, std::uint64_t offset) {
        return data.begin() + static_cast<std::ptrdiff_t>(offset);
    };
    CHECK(std::equal(before.begin(), at(before, step.start), after.begin()));
    CHECK(std::equal(at(before, step.end), before.end(), at(after, step.end)));
    CHECK_FALSE(std::equal(at(before, step.start), at(before, step.end), at(after, step.start)));
}

TEST_CASE("another size keeps what both have") {
    for (std::uint32_t number = 0; number < options.files; ++number) {
        const Source source(options, number);
        const auto version =
            static_cast<std::uint32_t>(first_version(source, Source::Change::resize));
        const std::vector<std::byte> before = whole(source, version - 1);
        const std::vector<std::byte> after = whole(source, version);
        const auto kept = static_cast<std::ptrdiff_t>(std::min(before.size(), after.size()));
        CHECK(std::equal(before.begin(), before.begin() + kept, after.begin()));
    }
}

TEST_CASE("any part of a version reads as it does in the whole") {
    const Source source(options, 5);
    for (std::uint32_t version = 0; version < 12; ++version) {
        const std::vector<std::byte> all = whole(source, version);
        const std::uint64_t start = all.size() / 3;
        std::vector<std::byte> part(all.size());
        const std::size_t count = source.read(version, start, part);
        CHECK(count == all.size() - start);
        CHECK(
            std::equal(all.begin() + static_cast<std::ptrdiff_t>(start), all.end(), part.begin()));
        CHECK(source.matches(version, start, std::span(part).first(count)));
        CHECK_FALSE(source.matches(version, start, part)); // longer than the version
        part[count / 2] ^= std::byte{1};
        CHECK_FALSE(source.matches(version, start, std::span(part).first(count)));
    }
}

TEST_CASE("versions, files and seeds have nothing in common") {
    const Source source(options, 0);
    const Source other(options, 1);
    std::vector<std::byte> one(64);
    (void)source.read(0, 0, one);
    CHECK_FALSE(other.matches(0, 0, one));
    CHECK_FALSE(Source({.seed = 8, .files = 40, .largest = 1 << 20}, 0).matches(0, 0, one));
    CHECK(source.aux(1) != source.aux(2));
    CHECK(source.version_of(source.aux(9)) == 9);
    CHECK_FALSE(other.version_of(source.aux(9)));
    CHECK_FALSE(source.version_of("x"));
}

TEST_CASE("keys are different, and some are too long for the driver") {
    std::set<std::string> keys;
    std::size_t unnamed = 0;
    for (std::uint32_t number = 0; number < 200; ++number) {
        const std::string key = Source(options, number).key();
        CHECK(key.size() <= 255);
        CHECK(keys.insert(key).second);
        unnamed += protocol::encode_object_name(key) ? 0 : 1;
    }
    CHECK(unnamed > 0);
    CHECK(unnamed < 100);
}

TEST_CASE("what is wrong is explained") {
    const Source source(options, 4);
    std::vector<std::byte> data(source.size(0));
    CHECK(source.explain(0, 0, data).contains("zeros"));
    const auto rewritten =
        static_cast<std::uint32_t>(first_version(source, Source::Change::rewrite));
    std::vector<std::byte> newer(64);
    (void)source.read(rewritten, 0, newer);
    CHECK(source.explain(0, 0, newer).contains("version " + std::to_string(rewritten)));
    Page page{};
    make_page(page, {.seed = options.seed, .file = 33, .version = 2, .page = 6});
    CHECK(source.explain(0, 0, page).contains("file 33 version 2 page 6"));
    page.fill(std::byte{9});
    CHECK(source.explain(0, 0, page).contains("nothing known"));
}
