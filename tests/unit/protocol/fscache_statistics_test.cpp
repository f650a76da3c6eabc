// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/fscache_statistics.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

namespace {

std::string joined(std::string_view text) {
    std::string all;
    for (const FscacheStatistic& each : parse_fscache_statistics(text))
        all += each.section + '.' + each.name + '=' + std::to_string(each.value) + ' ';
    return all;
}

} // namespace

TEST_CASE("fscache statistics: sections, names, values") {
    CHECK(joined("FS-Cache statistics\nCookies: n=3 v=1\nLRU    : n=2 at=0\n") ==
          "Cookies.n=3 Cookies.v=1 LRU.n=2 LRU.at=0 ");
    CHECK(joined("-- FS-Cache statistics --\nIO     : rd=18 wr=19 mis=41") ==
          "IO.rd=18 IO.wr=19 IO.mis=41 ");
    CHECK(joined("RdHelp : RA=1\nRdHelp : ZR=2\n") == "RdHelp.RA=1 RdHelp.ZR=2 ");
    CHECK(joined("") == "");
}

TEST_CASE("fscache statistics: a counter of 32 bits that went negative") {
    CHECK(joined("IO: rd=-1 wr=-2147483648 x=4294967295\n") ==
          "IO.rd=4294967295 IO.wr=2147483648 IO.x=4294967295 ");
    CHECK(joined("IO: rd=-2147483649 wr=18446744073709551616\n") == "");
}

TEST_CASE("fscache statistics: what is not understood is left out, and nothing else") {
    CHECK(joined("IO : a= =3 b==4 c=0x1 d=1x e f=1\n:n=1\n : n=2\nn=3\nEnd: n=4") ==
          "IO.f=1 End.n=4 ");
}
