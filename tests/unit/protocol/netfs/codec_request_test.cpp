// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/netfs/codec.hpp"
#include "tests/unit/protocol/netfs/packets.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <utility>
#include <vector>

using namespace cachefiles::protocol::netfs;
using namespace cachefiles::tests;

namespace {

const std::string nothing;
const std::string one(1, '\0');

/// Of every kind: the least and the most that its fields can hold, and what differs in one of them.
const std::vector<Request> requests{
    Hello{0, 0, ""},
    Hello{UINT16_MAX, 1, std::string(max_name, 'n')},
    AcquireVolume{one, "", ""},
    AcquireVolume{every_byte, std::string(max_name, 'c'), every_byte},
    AcquireVolume{"key", "", "coherency"},
    RelinquishVolume{0, std::nullopt, false},
    RelinquishVolume{UINT32_MAX, nothing, false},
    RelinquishVolume{1, every_byte, true},
    RelinquishVolume{1, std::nullopt, true},
    AcquireCookie{0, one, "", 0},
    AcquireCookie{UINT32_MAX, every_byte, every_byte, UINT64_MAX},
    RelinquishCookie{0, false},
    RelinquishCookie{UINT32_MAX, true},
    Use{0, false},
    Use{UINT32_MAX, true},
    Unuse{0, std::nullopt, std::nullopt},
    Unuse{UINT32_MAX, every_byte, UINT64_MAX},
    Unuse{1, nothing, std::nullopt},
    Unuse{1, std::nullopt, 0},
    Update{0, std::nullopt, std::nullopt},
    Update{UINT32_MAX, every_byte, UINT64_MAX},
    Update{1, nothing, std::nullopt},
    Update{1, std::nullopt, 0},
    Resize{0, 0},
    Resize{UINT32_MAX, UINT64_MAX},
    Invalidate{0, std::nullopt, 0, false},
    Invalidate{UINT32_MAX, every_byte, UINT64_MAX, true},
    Invalidate{1, nothing, 2, false},
    Open{0},
    Open{UINT32_MAX},
    PrepareWrite{0, WritePurpose::fill, 0, 0, 1},
    PrepareWrite{UINT32_MAX, WritePurpose::modify, UINT64_MAX, UINT64_MAX, UINT64_MAX},
    CommitWrite{0, 0, 0},
    CommitWrite{UINT64_MAX, UINT64_MAX, UINT64_MAX},
    Touch{{}},
    Touch{{7}},
    Touch{std::vector<std::uint32_t>(max_touches, UINT32_MAX)},
    NotePageRelease{0},
    NotePageRelease{UINT32_MAX},
    List{List::What::caches, 0},
    List{List::What::stats, UINT32_MAX},
};

SerialRequest with_serial(const Request& request) {
    return {std::holds_alternative<Touch>(request) ? 0 : 0xfedcba98, request};
}

std::string packet_of(const Request& request) {
    return format_request(with_serial(request));
}

/// What is wrong with the body of such a request.
BadRequest bad_body(const Request& request) {
    const SerialRequest with = with_serial(request);
    const bool has_reply = !std::holds_alternative<Touch>(request);
    return {has_reply ? std::optional(with.serial) : std::nullopt, type_of(request), EINVAL};
}

/// Nobody to answer to.
const BadRequest bad_header{std::nullopt, Type{}, EINVAL};

std::optional<BadRequest> refusal(std::string_view packet) {
    const std::expected<SerialRequest, BadRequest> request = parse_request(packet);
    return request ? std::nullopt : std::optional(request.error());
}

bool is_refused(const Request& request, std::size_t offset, std::string_view bytes) {
    return refusal(with(packet_of(request), offset, bytes)) == bad_body(request);
}

} // namespace

TEST_CASE("every request is read as it was written") {
    for (const Request& request : requests) {
        const std::string packet = packet_of(request);
        CAPTURE(packet.size());
        REQUIRE(packet.size() <= max_message);
        REQUIRE(parse_request(packet) == with_serial(request));
    }
}

TEST_CASE("every kind of request is among the samples, and has its type") {
    std::vector<int> seen(std::variant_size_v<Request>);
    for (const Request& request : requests) {
        seen[request.index()]++;
        CHECK(static_cast<std::size_t>(type_of(request)) == request.index() + 1);
    }
    for (const int count : seen)
        CHECK(count >= 2);
    CHECK(type_of(Hello{}) == Type::hello);
    CHECK(type_of(RelinquishCookie{}) == Type::relinquish_cookie);
    CHECK(type_of(PrepareWrite{}) == Type::prepare_write);
    CHECK(type_of(List{}) == Type::list);
}

TEST_CASE("a request that is cut off is refused, wherever") {
    for (const Request& request : requests) {
        const std::string packet = packet_of(request);
        for (std::size_t size = 0; size < packet.size(); ++size)
            REQUIRE(refusal(packet.substr(0, size)) == bad_header);
        for (const std::string& cut : cut_bodies(packet))
            REQUIRE(refusal(cut) == bad_body(request));
    }
}

TEST_CASE("a request with something behind it is refused") {
    for (const Request& request : requests) {
        const std::string packet = packet_of(request);
        REQUIRE(refusal(packet + '\0') == bad_header);
        if (packet.size() < max_message)
            REQUIRE(refusal(with_true_length(packet + '\0')) == bad_body(request));
        REQUIRE(refusal(with_true_length(packet + std::string(max_message, '\0'))) == bad_header);
    }
}

TEST_CASE("whatever is accepted is what would be written") {
    int accepted = 0;
    for (const Request& request : requests) {
        const std::string packet = packet_of(request);
        if (packet.size() > 1024)
            continue; // a list like the short one
        for (const std::string& other : flipped(packet)) {
            const std::expected<SerialRequest, BadRequest> read = parse_request(other);
            if (!read)
                continue;
            ++accepted;
            REQUIRE(*read != with_serial(request));
            REQUIRE(format_request(*read) == other);
        }
    }
    CHECK(accepted > 10000); // most bits are in numbers and texts
}

TEST_CASE("a header that no client writes is not answered") {
    const std::string packet = packet_of(Open{7});
    CHECK(refusal("") == bad_header);
    CHECK(refusal(with_number<std::uint16_t>(packet, 2, 1)) == bad_header);      // reserved
    CHECK(refusal(with_number<std::uint16_t>(packet, 2, 0x8000)) == bad_header); // reserved
    CHECK(refusal(with_number<std::uint32_t>(packet, 8, 1)) == bad_header);      // error
    CHECK(refusal(with_number<std::uint32_t>(packet, 12, 23)) == bad_header);    // length
    CHECK(refusal(with_number<std::uint32_t>(packet, 12, 25)) == bad_header);
    CHECK(refusal(with_number<std::uint32_t>(packet, 12, 0)) == bad_header);
    for (const std::uint16_t bit : {reply_bit, notice_bit})
        CHECK(refusal(with_number<std::uint16_t>(packet, 0, 11 | bit)) == bad_header);
}

TEST_CASE("a type that is not known is answered with that") {
    const std::string packet = packet_of(Open{7});
    for (const std::uint16_t type : std::vector<std::uint16_t>{0, 17, 255, 0x3fff}) {
        const BadRequest unknown{0xfedcba98, Type{type}, EOPNOTSUPP};
        CHECK(refusal(with_number(packet, 0, type)) == unknown);
        const std::string bare = with_true_length(packet.substr(0, header_size));
        CHECK(refusal(with_number(bare, 0, type)) == unknown);
    }
}

TEST_CASE("a touch has no serial, and no reply even if it is wrong") {
    const std::string packet = format_request({99, Touch{{1, 2}}});
    CHECK(parse_request(packet) == SerialRequest{0, Touch{{1, 2}}});
    CHECK(refusal(with_number<std::uint32_t>(packet, 4, 99)) ==
          BadRequest{std::nullopt, Type::touch, EINVAL});
    // The number of cookies: one less, one more, more than there may be, more than there can be.
    for (const std::uint32_t count : {1U, 3U, 1001U, 0x40000002U, UINT32_MAX})
        CHECK(refusal(with_number(packet, 16, count)) ==
              BadRequest{std::nullopt, Type::touch, EINVAL});
    const std::vector<std::uint32_t> too_many(max_touches + 1, 1);
    CHECK(refusal(format_request({0, Touch{too_many}})) ==
          BadRequest{std::nullopt, Type::touch, EINVAL});
}

TEST_CASE("a flag that is not known is refused") {
    // The request, and how many flags it has.
    const std::vector<std::pair<Request, unsigned>> with_flags{
        {RelinquishVolume{1, std::nullopt, false}, 2},
        {AcquireCookie{1, "k", "", 1}, 0},
        {RelinquishCookie{1, false}, 1},
        {Use{1, false}, 1},
        {Unuse{1, std::nullopt, std::nullopt}, 2},
        {Update{1, std::nullopt, std::nullopt}, 2},
        {Resize{1, 1}, 0},
        {Invalidate{1, std::nullopt, 1, false}, 2},
        {Open{1}, 0},
        {NotePageRelease{1}, 0},
    };
    for (const auto& [request, known] : with_flags) {
        for (unsigned bit = 0; bit < 32; ++bit) {
            const std::string packet = with_number(packet_of(request), 20, 1U << bit);
            CAPTURE(request.index());
            CAPTURE(bit);
            REQUIRE(parse_request(packet).has_value() == (bit < known));
        }
    }
}

TEST_CASE("what is not there has no content") {
    CHECK(is_refused(RelinquishVolume{1, "x", true}, 20, {"\2\0\0\0", 4}));
    CHECK(is_refused(Unuse{1, "x", 0}, 20, {"\2\0\0\0", 4}));
    CHECK(is_refused(Unuse{1, "x", 5}, 20, {"\1\0\0\0", 4}));
    CHECK(is_refused(Update{1, "x", 0}, 20, {"\2\0\0\0", 4}));
    CHECK(is_refused(Update{1, "x", 5}, 20, {"\1\0\0\0", 4}));
    CHECK(is_refused(Invalidate{1, "x", 0, true}, 20, {"\2\0\0\0", 4}));
}

TEST_CASE("texts keep to their limits") {
    const std::string long_one(256, 'x');
    const std::vector<Request> wrong{
        Hello{1, 1, long_one},
        AcquireVolume{"", "", ""},
        AcquireVolume{long_one, "", ""},
        AcquireVolume{"k", long_one, ""},
        AcquireVolume{"k", "", long_one},
        RelinquishVolume{1, long_one, false},
        AcquireCookie{1, "", "", 0},
        AcquireCookie{1, long_one, "", 0},
        AcquireCookie{1, "k", long_one, 0},
        Unuse{1, long_one, std::nullopt},
        Update{1, long_one, std::nullopt},
        Invalidate{1, long_one, 0, false},
    };
    for (const Request& request : wrong) {
        CAPTURE(request.index());
        CHECK(refusal(packet_of(request)) == bad_body(request));
    }
}

TEST_CASE("a choice that does not exist is refused") {
    const Request prepare = PrepareWrite{1, WritePurpose::fill, 2, 3, 4};
    CHECK(is_refused(prepare, 20, {"\2\0\0\0", 4}));
    CHECK(is_refused(prepare, 20, {"\0\1\0\0", 4}));
    CHECK(is_refused(prepare, 23, "\x80"));
    const Request list = List{List::What::stats, 0};
    CHECK(is_refused(list, 16, {"\4\0\0\0", 4}));
    CHECK(is_refused(list, 18, "\1"));
}

TEST_CASE("room for nothing is not asked for") {
    const Request request = PrepareWrite{1, WritePurpose::fill, 2, 3, 0};
    CHECK(refusal(packet_of(request)) == bad_body(request));
}
