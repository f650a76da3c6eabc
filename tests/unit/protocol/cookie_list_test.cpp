// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cookie_list.hpp"
#include "tests/unit/protocol/from_hex.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

TEST_CASE("the list of cookies") {
    const std::vector<CookieEntry> cookies =
        parse_cookies("COOKIE   VOLUME   REF ACT ACC S FL DEF\n"
                      "======== ======== === === === = == ================\n"
                      "00000002 00000001   1   0   0 - 4000 746573742e696d67\n"
                      "0000000a 00000001   1   1   0 A 6064 0100070102000000, aabb00ff\n"
                      "100000ff ffffffff 12345  -1   1 L 08 2f, 00\n");
    REQUIRE(cookies.size() == 3);
    CHECK(cookies[0] == CookieEntry{2, 1, 1, 0, 0, CookieState::quiescent, 0x4000, "test.img", ""});
    CHECK(cookies[1] == CookieEntry{10, 1, 1, 1, 0, CookieState::active, 0x6064,
                                    from_hex("0100070102000000"), from_hex("aabb00ff")});
    CHECK(cookies[2] == CookieEntry{0x100000ff, UINT32_MAX, 12345, -1, 1, CookieState::looking_up,
                                    8, "/", std::string(1, '\0')});
}

TEST_CASE("lines that are no cookies are skipped") {
    for (const char* line : {
             "",
             "\n",
             "COOKIE   VOLUME   REF ACT ACC S FL DEF",
             "======== ======== === === === = == ================",
             "00000002 00000001   1   0   0 - 00",          // cut
             "00000002 00000001   1   0   0 - 00 ",         // no key
             "00000002 00000001   1   0   0 - 00 7",        // half a byte
             "00000002 00000001   1   0   0 - 00 7A",       // upper case
             "00000002 00000001   1   0   0 - 00 78,",      //
             "00000002 00000001   1   0   0 - 00 78, 7",    //
             "00000002 00000001   1   0   0 - 00 78 79",    //
             "00000002 00000001   1   0   0 - 00 , 78",     //
             "00000002 00000001   1   0   0 -- 00 78",      // two letters
             "00000002 00000001   1   0   0 \x7f 00 78",    // none
             "00000002 00000001   1   0   0 \x89 00 78",    //
             "00000002 00000001   1   0   0 - 0 78",        // one digit
             "00000002 00000001   1   0 - 00 78",           // a column less
             "00000002 00000001   1   0   x - 00 78",       //
             "00000002 00000001   1   0   1x - 00 78",      //
             "00000002 00000001   1   0   +1 - 00 78",      //
             "00000002 00000001   99999999999 0 0 - 00 78", //
             "2 00000001   1   0   0 - 00 78",              // ids have eight digits
             "000000002 00000001   1   0   0 - 00 78",      //
             "0000000g 00000001   1   0   0 - 00 78",       //
         })
        CHECK_MESSAGE(!parse_cookie_line(line), line);
    CHECK(!parse_cookie_line(std::string_view("00000002 00000001   1   0   0 \0 00 78", 37)));
    CHECK(parse_cookies("garbage\n00000002 00000001 1 0 0 A 00 78\ngarbage").size() == 1);
}

TEST_CASE("a last line needs no newline") {
    CHECK(parse_cookies("00000002 00000001   1   0   0 A 00 78").size() == 1);
    CHECK(parse_cookies("").empty());
}

TEST_CASE("the states of a newer kernel are kept") {
    const std::optional<CookieEntry> cookie =
        parse_cookie_line("00000002 00000001   1   0   0 Z 00 78");
    REQUIRE(cookie);
    CHECK(cookie->state == CookieState{'Z'});
}

TEST_CASE("the list of volumes") {
    const std::vector<VolumeEntry> volumes =
        parse_volumes("VOLUME   REF   nCOOK ACC FL CACHE           KEY\n"
                      "======== ===== ===== === == =============== ================\n"
                      "00000001     2     1   1 00 CacheFiles      erofs,test\n"
                      "0000000b 12345 99999   0 1d -               nfs,4.2,2,801,,a00a8c0\n");
    REQUIRE(volumes.size() == 2);
    CHECK(volumes[0] == VolumeEntry{1, 2, 1, 1, 0, "CacheFiles", "erofs,test"});
    CHECK(volumes[1] == VolumeEntry{11, 12345, 99999, 0, 0x1d, "-", "nfs,4.2,2,801,,a00a8c0"});
}

TEST_CASE("cache names and volume keys may hold spaces; names are cut") {
    const std::optional<VolumeEntry> spaces =
        parse_volume_line("00000001     2     1   1 00 my own cache     key with  spaces \n");
    REQUIRE(spaces);
    CHECK(spaces->cache == "my own cache");
    CHECK(spaces->key == " key with  spaces ");
    const std::optional<VolumeEntry> cut =
        parse_volume_line("00000001     2     1   1 00 a-very-long-nam v\n");
    REQUIRE(cut);
    CHECK(cut->cache == "a-very-long-nam");
    CHECK(cut->key == "v");
    const std::optional<VolumeEntry> leading =
        parse_volume_line("00000001     2     1   1 00  b              v");
    REQUIRE(leading);
    CHECK(leading->cache == " b");
    CHECK(parse_volume_line("00000001     2     1   1 00 CacheFiles      ")->key.empty());
}

TEST_CASE("lines that are no volumes are skipped") {
    for (const char* line : {
             "",
             "VOLUME   REF   nCOOK ACC FL CACHE           KEY",
             "======== ===== ===== === == =============== ================",
             "00000001     2     1   1 00",                 //
             "00000001     2     1   1 00 CacheFiles",      // cut within the column
             "00000001     2     1   1 00 CacheFiles    ",  // cut by a byte
             "00000001     2     1   1 00 CacheFiles     ", // no separator
             "00000001     2     1   1 00 CacheFiles-name-x key",
             "00000001     2     1   1 0x CacheFiles      key",
         })
        CHECK_MESSAGE(!parse_volume_line(line), line);
}

TEST_CASE("the list of caches") {
    const std::vector<CacheEntry> caches =
        parse_caches("CACHE    REF   VOLS  OBJS  ACCES S NAME\n"
                     "======== ===== ===== ===== ===== = ===============\n"
                     "00000001     2     1     3     1 A CacheFiles\n"
                     "00000002     1     0     0     0 - -\n"
                     "00000003     1     0     0    -1 E a name of any length\n");
    REQUIRE(caches.size() == 3);
    CHECK(caches[0] == CacheEntry{1, 2, 1, 3, 1, CacheState::active, "CacheFiles"});
    CHECK(caches[1] == CacheEntry{2, 1, 0, 0, 0, CacheState::absent, "-"});
    CHECK(caches[2] == CacheEntry{3, 1, 0, 0, -1, CacheState::io_error, "a name of any length"});
    CHECK(!parse_cache_line("00000001     2     1     3     1 A"));
    CHECK(!parse_cache_line("CACHE    REF   VOLS  OBJS  ACCES S NAME"));
}

TEST_CASE("cookies are printed as the kernel prints them") {
    CHECK(format_line(CookieEntry{2, 1, 1, 0, 0, CookieState::quiescent, 0x4000, "test.img", ""}) ==
          "00000002 00000001   1   0   0 - 4000 746573742e696d67\n");
    const CookieEntry wide{0x100000ff, UINT32_MAX, 12345,
                           -1,         1,          CookieState::looking_up,
                           8,          "/",        std::string(1, '\0')};
    CHECK(format_line(wide) == "100000ff ffffffff 12345  -1   1 L 08 2f, 00\n");
    CHECK(parse_cookie_line(format_line(wide)) == wide);
    CHECK(parse_cookies(cookies_header).empty());
}

TEST_CASE("volumes are printed as the kernel prints them") {
    const VolumeEntry volume{11, 12345, 99999, 0, 0x1d, "my own cache", " key with  spaces "};
    CHECK(format_line(volume) ==
          "0000000b 12345 99999   0 1d my own cache     key with  spaces \n");
    CHECK(parse_volume_line(format_line(volume)) == volume);
    CHECK(format_line(VolumeEntry{1, 2, 1, 1, 0, "a-very-long-name", "v\nw"}) ==
          "00000001     2     1   1 00 a-very-long-nam v\n");
    CHECK(parse_volumes(volumes_header).empty());
}

TEST_CASE("caches are printed as the kernel prints them") {
    const CacheEntry cache{3, 1, 0, 0, -1, CacheState::io_error, "a name of any length"};
    CHECK(format_line(cache) == "00000003     1     0     0    -1 E a name of any length\n");
    CHECK(parse_cache_line(format_line(cache)) == cache);
    CHECK(format_line(CacheEntry{1, 2, 1, 3, 1, CacheState::active, "a\nb"}) ==
          "00000001     2     1     3     1 A a\n");
    CHECK(parse_caches(caches_header).empty());
}
