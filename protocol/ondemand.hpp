// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The messages that a device bound with `bind ondemand` answers to read(), one at a time (command
/// protocol, section 11; Linux 6.1 to 7.1). Numbers are in the host's byte order.
namespace cachefiles::protocol {

/// Bytes; a buffer of this size holds every message.
inline constexpr std::size_t max_message = 1024;

/// An object is looked up. Answered by the command `copen`.
struct OpenMessage {
    std::uint32_t id = 0;
    std::uint32_t object_id = 0; ///< new at each open, also of the same object
    std::uint32_t fd = 0;        ///< in the reader's table; to be closed by the reader
    std::uint32_t flags = 0;     ///< none is defined
    std::string volume_key;      ///< 1 to 255 bytes
    std::string cookie_key;      ///< 1 to 252 bytes

    bool operator==(const OpenMessage&) const = default;
};

/// The object is dropped. Needs no answer.
struct CloseMessage {
    std::uint32_t id = 0;
    std::uint32_t object_id = 0; ///< 0xffffffff if its descriptor was closed in the meantime

    bool operator==(const CloseMessage&) const = default;
};

/// A range is missing. Answered by an ioctl on the object's descriptor, once it has been written.
struct ReadMessage {
    std::uint32_t id = 0;
    std::uint32_t object_id = 0;
    std::uint64_t offset = 0; ///< bytes
    std::uint64_t length = 0; ///< bytes

    bool operator==(const ReadMessage&) const = default;
};

using Message = std::variant<OpenMessage, CloseMessage, ReadMessage>;

/// Exactly one message; nothing for bytes that the driver would not send.
[[nodiscard]] std::optional<Message> parse_message(std::string_view bytes);

/// The inverse, of a message whose keys have the lengths stated above and no NUL in the volume's.
[[nodiscard]] std::string format_message(const Message& message);

} // namespace cachefiles::protocol
