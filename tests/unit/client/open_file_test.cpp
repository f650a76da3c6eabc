// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/open_file.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cachefiles::tests {
namespace {

using client::OpenFile;

struct Slot {
    protocol::netfs::SlotHeader header{};
    std::array<std::atomic<std::uint64_t>, 3> words{};
};

} // namespace

TEST_CASE("open file: present, and the next block that is or is not") {
    Slot slot;
    OpenFile file;
    file.slot = &slot.header;
    file.capacity = 150;
    // 60 to 129, and 149
    slot.words[0] = ~std::uint64_t{0} << 60;
    slot.words[1] = ~std::uint64_t{0};
    slot.words[2] = 3 | std::uint64_t{1} << 21 | std::uint64_t{1} << 22;

    CHECK(file.present(60, 60));
    CHECK(file.present(60, 129));
    CHECK(file.present(64, 127));
    CHECK(!file.present(59, 60));
    CHECK(!file.present(100, 130));
    CHECK(file.present(149, 149));
    CHECK(!file.present(149, 150)); // a bit that is there, beyond the capacity
    CHECK(!file.present(150, 150));
    CHECK(!file.present(1'000'000, 1'000'000));

    CHECK(file.next(0, true) == 60);
    CHECK(file.next(60, true) == 60);
    CHECK(file.next(129, true) == 129);
    CHECK(file.next(130, true) == 149);
    CHECK(file.next(150, true) == OpenFile::none);
    CHECK(file.next(0, false) == 0);
    CHECK(file.next(60, false) == 130);
    CHECK(file.next(149, false) == 150);
    CHECK(file.next(1'000'000, false) == 1'000'000);
    CHECK(file.next(1'000'000, true) == OpenFile::none);
}

TEST_CASE("open file: every block against every other way of asking") {
    Slot slot;
    OpenFile file;
    file.slot = &slot.header;
    file.capacity = 192;
    slot.words[0] = 0xF0F0'1234'5678'9ABCU;
    slot.words[1] = 0;
    slot.words[2] = 0x8000'0000'0000'0001U;
    const auto bit = [&](std::uint64_t block) {
        return (slot.words[block / 64] >> (block % 64) & 1) != 0;
    };
    for (std::uint64_t from = 0; from < 192; ++from) {
        std::uint64_t one = from;
        while (one < 192 && !bit(one))
            ++one;
        CHECK(file.next(from, true) == (one < 192 ? one : OpenFile::none));
        std::uint64_t zero = from;
        while (zero < 192 && bit(zero))
            ++zero;
        CHECK(file.next(from, false) == zero);
        for (std::uint64_t to = from; to < 192; ++to)
            REQUIRE(file.present(from, to) == (zero > to));
    }
}

} // namespace cachefiles::tests
