// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/paint.hpp"
#include "ctl/text/table.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace cachefiles::ctl;

namespace {

constexpr Style ascii{};
constexpr Style unicode{false, true, 80, 24};

} // namespace

TEST_CASE("bars are as wide as they are told, and show something and nothing for what they are") {
    CHECK(bar(0.5, 12, ascii) == "[#####-----]");
    CHECK(bar(0, 12, ascii) == "[----------]");
    CHECK(bar(0.001, 12, ascii) == "[#---------]");
    CHECK(bar(0.999, 12, ascii) == "[#########-]");
    CHECK(bar(1, 12, ascii) == "[##########]");
    CHECK(bar(7, 12, ascii) == "[##########]");
    CHECK(bar(-1, 12, ascii) == "[----------]");
    CHECK(bar(std::nan(""), 12, ascii) == "[----------]");
    CHECK(bar(0.5, 6, unicode) == "[██░░]");
    CHECK(stripe(0.5, 4, ascii) == "##");
    CHECK(stripe(0.001, 4, ascii) == "#");
    CHECK(stripe(0, 4, ascii).empty());
}

TEST_CASE("counts, shares and times") {
    CHECK(format_count(0) == "0");
    CHECK(format_count(999) == "999");
    CHECK(format_count(1000) == "1,000");
    CHECK(format_count(1234567) == "1,234,567");
    CHECK(format_share(0) == "0%");
    CHECK(format_share(0.001) == "<1%");
    CHECK(format_share(0.719) == "71%");
    CHECK(format_share(0.999) == ">99%");
    CHECK(format_share(1) == "100%");
    CHECK(format_share(1.5) == "150%");
    CHECK(format_ago(5'000'000, 0) == "never");
    CHECK(format_ago(5'000'000, 5'000'000) == "now");
    CHECK(format_ago(5'000'000, 6'000'000) == "now");
    CHECK(format_ago(65'000'000, 1) == "1min 4s ago");
    CHECK(format_time(1'795'667'700'000'000) == "2026-11-26T04:35:00Z");
}

TEST_CASE("terminals obey nothing in a text") {
    CHECK(visible("a\x1b[31m\n\x7f") == "a\\x1b[31m\\x0a\\x7f");
    CHECK(visible("\xc2\x9b") == "\\x9b"); // CSI as one character
    CHECK(visible("été") == "été");
}

TEST_CASE("widths are of characters, without colours") {
    CHECK(columns("été") == 3);
    CHECK(columns(paint({true, true, 80, 24}, Ink::red, "abc")) == 3);
    CHECK(paint(ascii, Ink::red, "abc") == "abc");
    CHECK(clip("abcdef", 4, ascii) == "abc~");
    CHECK(clip("ééééé", 3, unicode) == "éé…");
    CHECK(clip("abc", 3, ascii) == "abc");
    CHECK(pad_left("é", 3) == "  é");
    CHECK(clip_name("abcdefghijkl", 10, ascii) == "abcdef~jkl");
    CHECK(clip_name("ééééééééé", 7, unicode) == "éééé…éé");
    CHECK(clip_name("abcdef", 6, ascii) == "abcdef");
    CHECK(clip_name("abcdef", 3, ascii) == "ab~");
}

TEST_CASE("a table is as wide as its cells, and its clipped column gives way") {
    Table table({{"NAME", Table::Align::left, true}, {"SIZE", Table::Align::right}});
    table.add({"a name that is long", "1 B"});
    table.add({"b", "1000 B"});
    CHECK(table.text(ascii) == "NAME                   SIZE\n"
                               "a name that is long     1 B\n"
                               "b                    1000 B\n");
    CHECK(table.text({false, false, 18, 24}) == "NAME          SIZE\n"
                                                "a name~ong     1 B\n"
                                                "b           1000 B\n");
}
