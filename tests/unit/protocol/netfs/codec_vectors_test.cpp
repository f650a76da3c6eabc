// SPDX-License-Identifier: GPL-2.0-or-later
// The bytes of every message as cachefiles-netfs(7) has them: they must not change within a
// version.
#include "protocol/netfs/codec.hpp"
#include "tests/unit/protocol/from_hex.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace cachefiles::protocol::netfs;

namespace {

void check_request(const SerialRequest& request, std::string_view hex) {
    CAPTURE(hex);
    CHECK(format_request(request) == from_hex(hex));
    CHECK(parse_request(from_hex(hex)) == request);
}

void check_reply(const Reply& reply, std::string_view hex) {
    CAPTURE(hex);
    CHECK(format_reply(reply) == from_hex(hex));
    CHECK(parse_from_daemon(from_hex(hex)) == FromDaemon(reply));
}

void check_notice(const Notice& notice, std::string_view hex) {
    CAPTURE(hex);
    CHECK(format_notice(notice) == from_hex(hex));
    CHECK(parse_from_daemon(from_hex(hex)) == FromDaemon(notice));
}

} // namespace

TEST_CASE("requests about volumes, to the byte") {
    check_request({0x04030201, Hello{1, 2, "me"}},
                  "0100 0000 01020304 00000000 18000000 | 0100 0200 0200 6d65");
    check_request({2, AcquireVolume{"nfs", "tag", "co"}},
                  "0200 0000 02000000 00000000 1e000000 | 0300 6e6673 0300 746167 0200 636f");
    check_request({3, RelinquishVolume{0x0a0b0c0d, "co", false}},
                  "0300 0000 03000000 00000000 1c000000 | 0d0c0b0a 01000000 0200 636f");
    check_request({3, RelinquishVolume{0x0a0b0c0d, std::nullopt, true}},
                  "0300 0000 03000000 00000000 1a000000 | 0d0c0b0a 02000000 0000");
}

TEST_CASE("requests about cookies, to the byte") {
    check_request({4, AcquireCookie{7, "key", "aux", 0x0102030405060708}},
                  "0400 0000 04000000 00000000 2a000000 |"
                  "07000000 00000000 0807060504030201 0300 6b6579 0300 617578");
    check_request({5, RelinquishCookie{9, true}},
                  "0500 0000 05000000 00000000 18000000 | 09000000 01000000");
    check_request({6, Use{9, true}}, "0600 0000 06000000 00000000 18000000 | 09000000 01000000");
    check_request({7, Unuse{9, "aux", 5}}, "0700 0000 07000000 00000000 25000000 |"
                                           "09000000 03000000 0500000000000000 0300 617578");
    check_request({7, Unuse{9, "aux", std::nullopt}},
                  "0700 0000 07000000 00000000 25000000 |"
                  "09000000 01000000 0000000000000000 0300 617578");
    check_request({8, Update{9, std::nullopt, 5}}, "0800 0000 08000000 00000000 22000000 |"
                                                   "09000000 02000000 0500000000000000 0000");
    check_request({9, Resize{9, 5}},
                  "0900 0000 09000000 00000000 20000000 | 09000000 00000000 0500000000000000");
    check_request({10, Invalidate{9, "aux", 5, false}},
                  "0a00 0000 0a000000 00000000 25000000 |"
                  "09000000 01000000 0500000000000000 0300 617578");
    check_request({10, Invalidate{9, std::nullopt, 5, true}},
                  "0a00 0000 0a000000 00000000 22000000 |"
                  "09000000 02000000 0500000000000000 0000");
    check_request({15, NotePageRelease{9}},
                  "0f00 0000 0f000000 00000000 18000000 | 09000000 00000000");
}

TEST_CASE("requests about data, to the byte") {
    check_request({11, Open{9}}, "0b00 0000 0b000000 00000000 18000000 | 09000000 00000000");
    check_request({12, PrepareWrite{9, WritePurpose::modify, 2, 0x40000, 0x1000}},
                  "0c00 0000 0c000000 00000000 30000000 |"
                  "09000000 01000000 0200000000000000 0000040000000000 0010000000000000");
    check_request({13, CommitWrite{3, 0x40000, 0x1000}},
                  "0d00 0000 0d000000 00000000 28000000 |"
                  "0300000000000000 0000040000000000 0010000000000000");
    check_request({0, Touch{{9, 0x0a0b0c0d}}},
                  "0e00 0000 00000000 00000000 1c000000 | 02000000 09000000 0d0c0b0a");
    check_request({16, List{List::What::cookies, 100}},
                  "1000 0000 10000000 00000000 18000000 | 02000000 64000000");
}

TEST_CASE("replies, to the byte") {
    check_reply({Type::hello, 0x04030201, 0, HelloReply{1, 0x40000, 2, 3, 4, 0x100000}},
                "0180 0000 01020304 00000000 30000000 |"
                "0100 0000 00000400 02000000 03000000 04000000 00000000 0000100000000000");
    check_reply({Type::acquire_volume, 2, 0, AcquireVolumeReply{7}},
                "0280 0000 02000000 00000000 14000000 | 07000000");
    check_reply({Type::acquire_cookie, 4, 0, AcquireCookieReply{9}},
                "0480 0000 04000000 00000000 14000000 | 09000000");
    check_reply({Type::use, 6, 0, Empty{}}, "0680 0000 06000000 00000000 10000000");
    check_reply({Type::open, 11, 0, OpenReply{2, 0x1234, 0x40, 0x1000}},
                "0b80 0000 0b000000 00000000 2c000000 |"
                "0200000000000000 3412000000000000 4000000000000000 00100000");
    check_reply({Type::open, 11, ENOBUFS, Empty{}}, "0b80 0000 0b000000 69000000 10000000");
    check_reply({Type::prepare_write, 12, 0, PrepareWriteReply{3, 0x40000, 0x40000}},
                "0c80 0000 0c000000 00000000 28000000 |"
                "0300000000000000 0000040000000000 0000040000000000");
    check_reply({Type::list, 16, 0, ListReply{"a\n"}},
                "1080 0000 10000000 00000000 14000000 | 0200 610a");
    check_reply({Type{0x3fff}, 5, EOPNOTSUPP, Empty{}}, "ffbf 0000 05000000 5f000000 10000000");
}

TEST_CASE("notices, to the byte") {
    check_notice(FileEnded{9, 2, FileEnded::Why::discarded},
                 "0140 0000 00000000 00000000 20000000 | 09000000 03000000 0200000000000000");
    check_notice(CacheStateChanged{true, "tag"},
                 "0240 0000 00000000 00000000 19000000 | 01000000 0300 746167");
    check_notice(CacheStateChanged{false, ""},
                 "0240 0000 00000000 00000000 16000000 | 00000000 0000");
}
