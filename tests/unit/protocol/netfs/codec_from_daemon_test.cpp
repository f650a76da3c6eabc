// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/netfs/codec.hpp"
#include "tests/unit/protocol/netfs/packets.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <vector>

using namespace cachefiles::protocol::netfs;
using namespace cachefiles::tests;

namespace {

constexpr std::uint32_t most = UINT32_MAX;

const std::vector<Reply> replies{
    {Type::hello, 0, 0, HelloReply{}},
    {Type::hello, most, 0, HelloReply{UINT16_MAX, most, most, most, most, UINT64_MAX}},
    {Type::acquire_volume, 1, 0, AcquireVolumeReply{0}},
    {Type::acquire_volume, 1, 0, AcquireVolumeReply{most}},
    {Type::relinquish_volume, 1, 0, Empty{}},
    {Type::acquire_cookie, 1, 0, AcquireCookieReply{0}},
    {Type::acquire_cookie, 1, 0, AcquireCookieReply{most}},
    {Type::relinquish_cookie, 1, 0, Empty{}},
    {Type::use, 1, 0, Empty{}},
    {Type::unuse, 1, 0, Empty{}},
    {Type::update, 1, 0, Empty{}},
    {Type::resize, 1, 0, Empty{}},
    {Type::invalidate, 1, 0, Empty{}},
    {Type::open, 1, 0, OpenReply{}},
    {Type::open, 1, 0, OpenReply{UINT64_MAX, UINT64_MAX, UINT64_MAX, most}},
    {Type::prepare_write, 1, 0, PrepareWriteReply{}},
    {Type::prepare_write, 1, 0, PrepareWriteReply{UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    {Type::commit_write, 1, 0, Empty{}},
    {Type::note_page_release, 1, 0, Empty{}},
    {Type::list, 1, 0, ListReply{""}},
    {Type::list, 1, 0, ListReply{every_byte}},
    {Type::list, 1, 0, ListReply{std::string(max_list_text, '\n')}},
    {Type::hello, 1, EPROTONOSUPPORT, Empty{}},
    {Type::open, 1, ENOBUFS, Empty{}},
    {Type::use, 1, 4095, Empty{}},
    {Type{0}, 1, EOPNOTSUPP, Empty{}},
    {Type{17}, 1, EOPNOTSUPP, Empty{}},
    {Type{0x3fff}, 1, EOPNOTSUPP, Empty{}},
};

const std::vector<Notice> notices{
    FileEnded{0, 0, FileEnded::Why::invalidated},
    FileEnded{most, UINT64_MAX, FileEnded::Why::discarded},
    FileEnded{1, 2, FileEnded::Why::withdrawn},
    CacheStateChanged{false, ""},
    CacheStateChanged{true, every_byte},
};

std::vector<std::string> packets() {
    std::vector<std::string> all;
    for (const Reply& reply : replies)
        all.push_back(format_reply(reply));
    for (const Notice& notice : notices)
        all.push_back(format_notice(notice));
    return all;
}

const std::string use_reply = format_reply({Type::use, 1, 0, Empty{}});
const std::string file_ended = format_notice(notices[0]);
const std::string cache_state = format_notice(notices[3]);

} // namespace

TEST_CASE("every reply is read as it was written") {
    for (const Reply& reply : replies) {
        const std::string packet = format_reply(reply);
        CAPTURE(static_cast<int>(reply.type));
        REQUIRE(packet.size() <= max_message);
        REQUIRE(parse_from_daemon(packet) == FromDaemon(reply));
    }
}

TEST_CASE("every notice is read as it was written") {
    for (const Notice& notice : notices) {
        const std::string packet = format_notice(notice);
        REQUIRE(packet.size() <= max_message);
        REQUIRE(parse_from_daemon(packet) == FromDaemon(notice));
    }
}

TEST_CASE("an error comes without a body") {
    const std::string packet = format_reply({Type::open, 5, EIO, OpenReply{1, 2, 3, 4}});
    CHECK(packet.size() == header_size);
    CHECK(parse_from_daemon(packet) == FromDaemon(Reply{Type::open, 5, EIO, Empty{}}));
    CHECK_FALSE(parse_from_daemon(with_true_length(packet + '\0')));
}

TEST_CASE("what is cut off or too long is no message of the daemon's") {
    for (const std::string& packet : packets()) {
        for (std::size_t size = 0; size < packet.size(); ++size)
            REQUIRE_FALSE(parse_from_daemon(packet.substr(0, size)));
        for (const std::string& cut : cut_bodies(packet))
            REQUIRE_FALSE(parse_from_daemon(cut));
        REQUIRE_FALSE(parse_from_daemon(packet + '\0'));
        REQUIRE_FALSE(parse_from_daemon(with_true_length(packet + '\0')));
    }
}

TEST_CASE("whatever is accepted from the daemon is what it would write") {
    int accepted = 0;
    for (const std::string& packet : packets()) {
        if (packet.size() > 1024)
            continue;
        for (const std::string& other : flipped(packet)) {
            const std::optional<FromDaemon> read = parse_from_daemon(other);
            if (!read)
                continue;
            ++accepted;
            const Reply* reply = std::get_if<Reply>(&*read);
            REQUIRE((reply != nullptr ? format_reply(*reply)
                                      : format_notice(std::get<Notice>(*read))) == other);
        }
    }
    CHECK(accepted > 4000);
}

TEST_CASE("a header that no daemon writes is refused") {
    for (const std::string& packet : {use_reply, file_ended, cache_state}) {
        CHECK_FALSE(parse_from_daemon(with_number<std::uint16_t>(packet, 2, 1)));
        CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(packet, 12, 15)));
    }
    CHECK_FALSE(parse_from_daemon(""));
    // Not a reply, nor a notice; both; a reply to a touch; to what nobody can have asked for.
    for (const std::uint16_t type :
         std::vector<std::uint16_t>{0x0006, 0xc001, 0x800e, 0x8011, 0x8000})
        CHECK_FALSE(parse_from_daemon(with_number(use_reply, 0, type)));
    const std::string failed = format_reply({Type::use, 1, EIO, Empty{}});
    CHECK(parse_from_daemon(failed));
    for (const std::uint16_t type : std::vector<std::uint16_t>{0x0006, 0xc001, 0x800e})
        CHECK_FALSE(parse_from_daemon(with_number(failed, 0, type)));
}

TEST_CASE("an error is an errno of Linux") {
    CHECK(parse_from_daemon(with_number<std::uint32_t>(use_reply, 8, 4095)));
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(use_reply, 8, 4096)));
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(use_reply, 8, UINT32_MAX)));
}

TEST_CASE("a notice answers nobody, and is one of those that there are") {
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(file_ended, 4, 1))); // serial
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(file_ended, 8, 1))); // error
    CHECK_FALSE(parse_from_daemon(with_number<std::uint16_t>(file_ended, 0, 0x4000)));
    CHECK_FALSE(parse_from_daemon(with_number<std::uint16_t>(file_ended, 0, 0x4003)));
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(file_ended, 20, 4))); // why
}

TEST_CASE("what a later version may use is not used") {
    const std::string hello = format_reply({Type::hello, 1, 0, HelloReply{}});
    CHECK_FALSE(parse_from_daemon(with_number<std::uint16_t>(hello, 18, 1)));
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(hello, 36, 1)));
    CHECK_FALSE(parse_from_daemon(with_number<std::uint32_t>(cache_state, 16, 2)));
}

TEST_CASE("texts of the daemon keep to their limits") {
    const ListReply list{std::string(max_list_text + 1, 'x')};
    CHECK_FALSE(parse_from_daemon(format_reply({Type::list, 1, 0, list})));
    const CacheStateChanged changed{true, std::string(max_name + 1, 'x')};
    CHECK_FALSE(parse_from_daemon(format_notice(changed)));
}
