// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/content.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace cachefiles;
using cache::Content;
using Range = Content::Range;
using Blocks = Content::Blocks;

namespace {

constexpr std::uint64_t block = Content::block_size;
constexpr std::uint64_t gib = index::ContentMap::span_bytes;

class RecordingMirror final : public cache::MapMirror {
public:
    void set(std::uint64_t first, std::uint64_t count) override { note("set", first, count); }
    void clear(std::uint64_t first, std::uint64_t count) override {
        note("clear", first, count > 1'000'000 ? 0 : count);
    }
    void resized(std::uint64_t object_size) override {
        seen += "resized " + std::to_string(object_size) + ",";
    }
    void end() override { seen += "end,"; }

    std::string seen;

private:
    void note(const char* what, std::uint64_t first, std::uint64_t count) {
        seen += what + (" " + std::to_string(first)) + "+" + std::to_string(count) + ",";
    }
};

/// The same by a set of blocks.
class Naive final {
public:
    explicit Naive(std::uint64_t size) : size_(size) {}

    std::uint64_t end() const { return (size_ + block - 1) / block; }
    bool present(std::uint64_t number) const { return present_.contains(number); }
    void write(std::uint64_t start, std::uint64_t length) {
        for (std::uint64_t number = 0; number < end(); ++number) {
            const std::uint64_t last = std::min((number + 1) * block, size_);
            if (start <= number * block && last <= start + length) {
                present_.insert(number);
                claimed_.erase(number);
            }
        }
    }
    void claim(std::uint64_t first, std::uint64_t count) {
        for (std::uint64_t number = first; number < first + count; ++number) {
            if (!present(number))
                claimed_.insert(number);
        }
    }
    bool resize(std::uint64_t size) {
        std::set<std::uint64_t> gone;
        for (const std::uint64_t number : present_) {
            const bool partial = (number + 1) * block > size_;
            if (number * block >= size || (partial && size > size_))
                gone.insert(number);
        }
        for (const std::uint64_t number : gone) {
            present_.erase(number);
            claimed_.insert(number);
        }
        size_ = size;
        return !gone.empty();
    }
    const std::set<std::uint64_t>& claimed() const { return claimed_; }

private:
    std::uint64_t size_;
    std::set<std::uint64_t> present_;
    std::set<std::uint64_t> claimed_;
};

std::set<std::uint64_t> numbers(const std::vector<Blocks>& runs) {
    std::set<std::uint64_t> all;
    for (const Blocks& run : runs) {
        for (std::uint64_t number = run.first; number < run.first + run.count; ++number)
            CHECK(all.insert(number).second);
    }
    return all;
}

} // namespace

TEST_SUITE_BEGIN("cache::Content");

TEST_CASE("a block is present when all of it is, or all up to the end of the object") {
    Content content(2 * block + 100);
    CHECK_FALSE(content.holds({0, 1}));
    CHECK(content.written({0, block - 1}) == Blocks{0, 0});
    CHECK(content.written({1, block})->count == 0);
    CHECK_FALSE(content.holds({0, 1}));
    CHECK(content.written({0, block}) == Blocks{0, 1});
    CHECK(content.holds({0, block}));
    CHECK_FALSE(content.holds({0, block + 1}));
    CHECK(content.written({2 * block, 99})->count == 0);
    CHECK(content.written({block + 5, block + 95}) == Blocks{2, 1});
    CHECK(content.holds({2 * block + 50, 1000})); // as far as the object goes
    CHECK(content.holds({3 * block, 5}));
    CHECK(content.written({0, 100 * block}) == Blocks{0, 3});
    CHECK(content.written({5 * block, block})->count == 0);
    CHECK(content.map(0).count() == 3);
    CHECK(content.map_numbers() == std::vector<std::uint32_t>{0});
}

TEST_CASE("nothing is ever present in an object of size 0") {
    Content content(0);
    CHECK(content.written({0, block})->count == 0);
    CHECK_FALSE(content.claim_absent({0, block}));
    CHECK_FALSE(content.first_data({0, block}));
    CHECK(content.map_numbers().empty());
}

TEST_CASE("absent blocks are claimed as whole blocks, cut at the object's end") {
    Content content(4 * block + 10);
    CHECK(content.claim_absent({5, 1}) == Range{0, block});
    CHECK(content.claim_absent({block - 1, 2}) == Range{0, 2 * block});
    CHECK(content.written({block, block}));
    CHECK(content.claim_absent({0, 3 * block}) == Range{0, block});
    CHECK(content.claim_absent({block, 4 * block}) == Range{2 * block, 2 * block + 10 + 0});
    CHECK_FALSE(content.claim_absent({block, block}));
    CHECK_FALSE(content.claim_absent({5 * block, block}));
    CHECK_FALSE(content.claim_absent({0, 0}));
    CHECK(content.claim_absent({0, UINT64_MAX}) == Range{0, block});
}

TEST_CASE("what was claimed and not written is left behind, before and after the end") {
    Content content(4 * block);
    CHECK(content.left_behind().empty());
    CHECK(content.claim_absent({0, 3 * block}));
    CHECK(content.written({block, block}));
    CHECK(content.left_behind() == std::vector<Blocks>{{0, 1}, {2, 1}});
    CHECK(content.claim({block, 9 * block}) == 8 * block); // beyond the object's end, too
    CHECK(content.claim({block, block}) == 0);
    content.end();
    CHECK_FALSE(content.written({0, block}));
    CHECK(content.left_behind() == std::vector<Blocks>{{0, 1}, {2, 8}});
    CHECK(content.map(0).count() == 1);
}

TEST_CASE("who claims here and there does not fill the memory: then all that is absent is") {
    Content content(5000 * gib);
    CHECK(content.written({7 * block, block}));
    for (std::uint64_t number = 0; number < 1024; ++number)
        CHECK(content.claim_absent({number * gib, 1}));
    CHECK(content.left_behind().size() == 1024);
    CHECK(content.claim({2000 * gib, block}) == block);
    const std::vector<Blocks> left = content.left_behind();
    REQUIRE(left.size() == 2);
    CHECK(left[0] == Blocks{0, 7});
    CHECK(left[1].first == 8);
    CHECK(left[1].count > 5000 * index::ContentMap::blocks);
}

TEST_CASE("the first present bytes of a range, over the borders of maps") {
    Content content(3 * gib);
    CHECK_FALSE(content.first_data({0, 3 * gib}));
    CHECK(content.written({gib - block, 3 * block}));
    CHECK(content.first_data({0, 3 * gib}) == Range{gib - block, 3 * block});
    CHECK(content.first_data({gib + 5, 10}) == Range{gib + 5, 10});
    CHECK(content.first_data({gib, 3 * gib}) == Range{gib, 2 * block});
    CHECK_FALSE(content.first_data({gib + 2 * block, 5 * gib}));
    CHECK_FALSE(content.first_data({gib, 0}));
    CHECK(content.map_numbers() == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("shrinking takes blocks away, growing the incomplete last one") {
    Content content(2 * block + 10);
    CHECK(content.written({0, 3 * block}) == Blocks{0, 3});
    CHECK_FALSE(content.resize(2 * block + 10));
    CHECK_FALSE(content.resize(2 * block + 5)); // cut in the middle: it stays
    CHECK(content.holds({0, 3 * block}));
    CHECK_FALSE(content.has_cleared());
    CHECK(content.resize(2 * block + 6));
    CHECK(content.has_cleared());
    CHECK(content.holds({0, 2 * block}));
    CHECK_FALSE(content.holds({2 * block, 1}));
    CHECK(content.left_behind() == std::vector<Blocks>{{2, 1}});
    CHECK(content.resize(block));
    CHECK_FALSE(content.resize(4 * block)); // the last one was complete
    CHECK(content.holds({0, block}));
    CHECK_FALSE(content.holds({block, 1}));
    CHECK(content.resize(0));
    CHECK(content.map_numbers().empty());
}

TEST_CASE("what is loaded and lies beyond the end is not there") {
    Content content(2 * block);
    index::ContentMap map;
    map.set(0, 100);
    content.load(0, map);
    content.load(3, map);
    CHECK(content.holds({0, 2 * block}));
    CHECK(content.map(0).count() == 2);
    CHECK(content.map_numbers() == std::vector<std::uint32_t>{0});
    CHECK_FALSE(content.has_cleared());
}

TEST_CASE("a mirror is told what is there, every change, and the end") {
    Content content(5 * block + 1);
    CHECK(content.written({block, block}));
    CHECK(content.written({3 * block, 2 * block}));
    const auto mirror = std::make_shared<RecordingMirror>();
    content.mirror_to(mirror);
    CHECK(mirror->seen == "resized 1310721,set 1+1,set 3+2,");
    mirror->seen.clear();
    CHECK(content.written({0, block}));
    CHECK(content.written({5 * block, 1}));
    content.resize(6 * block);
    content.resize(4 * block);
    content.end();
    content.end();
    CHECK_FALSE(content.written({0, block}));
    CHECK(mirror->seen ==
          "set 0+1,set 5+1,clear 5+1,resized 1572864,clear 4+0,resized 1048576,end,");
    const auto late = std::make_shared<RecordingMirror>();
    content.mirror_to(late);
    CHECK(late->seen == "resized 1048576,end,");
}

TEST_CASE("after the end nobody finds anything") {
    Content content(block);
    CHECK(content.written({0, block}));
    content.end();
    CHECK(content.ended());
    CHECK_FALSE(content.holds({0, 1}));
    CHECK_FALSE(content.first_data({0, 1}));
    CHECK_FALSE(content.claim_absent({0, 1}));
}

TEST_CASE("whatever is done, it is as with a set of blocks") {
    std::mt19937_64 random(7);
    const auto below = [&random](std::uint64_t limit) {
        return random() % limit;
    };
    for (int run = 0; run < 30; ++run) {
        CAPTURE(run);
        const std::uint64_t size = below(4200 * block);
        Content content(size);
        Naive naive(size);
        for (int step = 0; step < 60; ++step) {
            const std::uint64_t at = 4050 + below(100); // around the border of two maps
            const std::uint64_t start = at * block + below(3) * 1000;
            const std::uint64_t length = below(40) * block + below(3) * 1000;
            switch (below(4)) {
            case 0: {
                const std::uint64_t wanted = below(2) != 0 ? below(4200 * block) : at * block;
                CHECK(content.resize(wanted) == naive.resize(wanted));
                break;
            }
            case 1:
                (void)content.claim({start, length});
                naive.claim(start / block,
                            length == 0 ? 0 : (start + length - 1) / block - start / block + 1);
                break;
            default:
                (void)content.written({start, length});
                naive.write(start, length);
                break;
            }
            for (std::uint64_t number = 4000; number < 4210; ++number)
                CHECK((naive.present(number) || number >= naive.end()) ==
                      content.holds({number * block, 1}));
            CHECK(numbers(content.left_behind()) == naive.claimed());
        }
    }
}

TEST_CASE("what to do with a range goes by the map; a content that has ended is of no use") {
    using protocol::netfs::ReadPlan;
    using protocol::netfs::ReadSource;
    Content content(3 * block + 10);
    CHECK(content.plan_read(5, 10) == ReadPlan{ReadSource::download_store, 0, block});
    CHECK(content.written({0, block}));
    CHECK(content.plan_read(5, 10) == ReadPlan{ReadSource::cache, 5, 10});
    CHECK(content.plan_read(4 * block, 10).source == ReadSource::zero);
    content.end();
    CHECK(content.plan_read(5, 4 * block) == ReadPlan{ReadSource::download, 5, 3 * block + 5});
    CHECK(content.plan_read(4 * block, 10).source == ReadSource::zero);
}

TEST_SUITE_END();
