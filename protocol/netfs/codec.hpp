// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "protocol/netfs/messages.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The bytes of the messages. Parsing accepts exactly what formatting can make, and nothing longer.
namespace cachefiles::protocol::netfs {

struct SerialRequest {
    std::uint32_t serial = 0;
    Request request;

    bool operator==(const SerialRequest&) const = default;
};

/// A packet that is no request. With a serial it is to be answered, with `error`; without one (the
/// header is wrong, or it is a Touch, which has no reply) the client is to be hung up on.
struct BadRequest {
    std::optional<std::uint32_t> serial;
    Type type{};   ///< for the reply; may be one that is not known
    int error = 0; ///< EINVAL; EOPNOTSUPP for a type that is not known

    bool operator==(const BadRequest&) const = default;
};

[[nodiscard]] std::expected<SerialRequest, BadRequest> parse_request(std::string_view packet);
/// Of a request whose strings and lists keep to the limits. The serial of a Touch is not sent.
[[nodiscard]] std::string format_request(const SerialRequest& request);

using FromDaemon = std::variant<Reply, Notice>;
/// Nothing for a packet that no daemon of a known version sends. An error may be about a request
/// of any number, since a newer client may ask for what an older daemon does not know.
[[nodiscard]] std::optional<FromDaemon> parse_from_daemon(std::string_view packet);
/// The body is the one that the type has. With an error, 1 to 4095, it is not sent.
[[nodiscard]] std::string format_reply(const Reply& reply);
[[nodiscard]] std::string format_notice(const Notice& notice);

[[nodiscard]] Type type_of(const Request& request);

} // namespace cachefiles::protocol::netfs
