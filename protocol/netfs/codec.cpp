// SPDX-License-Identifier: LGPL-2.1-or-later
#include "protocol/netfs/codec.hpp"

#include "protocol/netfs/fields.hpp"
#include "protocol/netfs/reader.hpp"
#include "protocol/netfs/writer.hpp"

#include <cerrno>
#include <utility>

namespace cachefiles::protocol::netfs {
namespace {

constexpr std::uint32_t largest_errno = 4095; // MAX_ERRNO of include/linux/err.h

// The variants have the order of Type.
constexpr std::uint16_t request_types = std::variant_size_v<Request>;
constexpr std::uint16_t notice_types = std::variant_size_v<Notice>;
static_assert(request_types == static_cast<std::uint16_t>(Type::list));
static_assert(notice_types == (static_cast<std::uint16_t>(Type::cache_state) & ~notice_bit));

struct Header {
    std::uint16_t type = 0;
    std::uint32_t serial = 0;
    std::uint32_t error = 0;
};

std::optional<Header> parse_header(std::string_view packet) {
    if (packet.size() < header_size || packet.size() > max_message)
        return std::nullopt;
    Header header;
    std::uint32_t length = 0;
    Reader reader(packet.substr(0, header_size));
    reader.number(header.type);
    reader.reserved<std::uint16_t>();
    reader.number(header.serial);
    reader.number(header.error);
    reader.number(length);
    if (!reader.done() || length != packet.size())
        return std::nullopt;
    return header;
}

template<typename Body>
std::string format(const Header& header, const Body& body) {
    Writer behind;
    std::visit([&](const auto& message) { fields(behind, message); }, body);
    const std::string bytes = behind.take();
    Writer writer;
    writer.number(header.type);
    writer.reserved<std::uint16_t>();
    writer.number(header.serial);
    writer.number(header.error);
    writer.number(static_cast<std::uint32_t>(header_size + bytes.size()));
    return writer.take() + bytes;
}

template<typename Body>
bool parse(std::string_view packet, Body& body) {
    Reader reader(packet.substr(header_size));
    std::visit([&](auto& message) { fields(reader, message); }, body);
    return reader.done();
}

/// The alternative number `index`, as it is made by default.
template<typename Variant, std::size_t at = 0>
Variant alternative(std::size_t index) {
    if constexpr (at + 1 < std::variant_size_v<Variant>) {
        if (index != at)
            return alternative<Variant, at + 1>(index);
    }
    return Variant(std::in_place_index<at>);
}

ReplyBody body_for(Type type) {
    switch (type) {
    case Type::hello:
        return HelloReply{};
    case Type::acquire_volume:
        return AcquireVolumeReply{};
    case Type::acquire_cookie:
        return AcquireCookieReply{};
    case Type::open:
        return OpenReply{};
    case Type::prepare_write:
        return PrepareWriteReply{};
    case Type::list:
        return ListReply{};
    default:
        return Empty{};
    }
}

/// What must not be 0 in what is otherwise well-formed.
bool is_sound(const Request& request) {
    const PrepareWrite* prepare = std::get_if<PrepareWrite>(&request);
    return prepare == nullptr || prepare->length > 0;
}

std::optional<FromDaemon> parse_reply(const Header& header, std::string_view packet) {
    const std::uint16_t type = header.type & static_cast<std::uint16_t>(~reply_bit);
    // Only errors are said about a request that the daemon does not know.
    const bool known = type >= 1 && type <= request_types;
    if ((type & notice_bit) != 0 || Type{type} == Type::touch || header.error > largest_errno ||
        (!known && header.error == 0))
        return std::nullopt;
    Reply reply{Type{type}, header.serial, static_cast<int>(header.error), Empty{}};
    if (reply.error == 0)
        reply.body = body_for(reply.type);
    if (!parse(packet, reply.body))
        return std::nullopt;
    return reply;
}

std::optional<FromDaemon> parse_notice(const Header& header, std::string_view packet) {
    const std::uint16_t number = header.type & static_cast<std::uint16_t>(~notice_bit);
    if (number < 1 || number > notice_types || header.serial != 0 || header.error != 0)
        return std::nullopt;
    Notice notice = alternative<Notice>(number - 1U);
    if (!parse(packet, notice))
        return std::nullopt;
    return notice;
}

} // namespace

Type type_of(const Request& request) {
    return Type{static_cast<std::uint16_t>(request.index() + 1)};
}

std::expected<SerialRequest, BadRequest> parse_request(std::string_view packet) {
    const std::optional<Header> header = parse_header(packet);
    if (!header || header->error != 0 || (header->type & (reply_bit | notice_bit)) != 0)
        return std::unexpected(BadRequest{std::nullopt, Type{}, EINVAL});
    BadRequest bad{header->serial, Type{header->type}, EINVAL};
    if (bad.type == Type::touch)
        bad.serial.reset(); // has no reply, not even this one
    if (header->type < 1 || header->type > request_types) {
        bad.error = EOPNOTSUPP;
        return std::unexpected(bad);
    }
    SerialRequest request{header->serial, alternative<Request>(header->type - 1U)};
    if (!parse(packet, request.request) || !is_sound(request.request) ||
        (bad.type == Type::touch && request.serial != 0))
        return std::unexpected(bad);
    return request;
}

std::string format_request(const SerialRequest& request) {
    const Type type = type_of(request.request);
    const std::uint32_t serial = type == Type::touch ? 0 : request.serial;
    return format({static_cast<std::uint16_t>(type), serial, 0}, request.request);
}

std::optional<FromDaemon> parse_from_daemon(std::string_view packet) {
    const std::optional<Header> header = parse_header(packet);
    if (!header)
        return std::nullopt;
    if ((header->type & reply_bit) != 0)
        return parse_reply(*header, packet);
    if ((header->type & notice_bit) != 0)
        return parse_notice(*header, packet);
    return std::nullopt;
}

std::string format_reply(const Reply& reply) {
    const Header header{
        static_cast<std::uint16_t>(static_cast<std::uint16_t>(reply.type) | reply_bit),
        reply.serial, static_cast<std::uint32_t>(reply.error)};
    return format(header, reply.error == 0 ? reply.body : ReplyBody(Empty{}));
}

std::string format_notice(const Notice& notice) {
    const std::size_t type = (notice.index() + 1) | notice_bit;
    return format({static_cast<std::uint16_t>(type), 0, 0}, notice);
}

} // namespace cachefiles::protocol::netfs
