// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ondemand.hpp"

#include "protocol/bytes.hpp"
#include "protocol/key.hpp"
#include "protocol/object_name.hpp"

namespace cachefiles::protocol {
namespace {

enum class Opcode : std::uint32_t { open = 0, close = 1, read = 2 };

constexpr std::size_t header_size = 16;
constexpr std::size_t open_size = 32; // before the keys
constexpr std::size_t read_size = 32;

std::uint32_t load_u32(std::string_view bytes, std::size_t offset) {
    return load<std::endian::native, std::uint32_t>(bytes, offset);
}

void append_u32(std::string& bytes, std::uint32_t value) {
    append<std::endian::native>(bytes, value);
}

std::optional<Message> parse_open(std::string_view bytes) {
    if (bytes.size() < open_size)
        return std::nullopt;
    const std::size_t volume_size = load_u32(bytes, 16);
    const std::size_t cookie_size = load_u32(bytes, 20);
    if (volume_size < 2 || volume_size > longest_key + 1 || cookie_size < 1 ||
        cookie_size > max_cookie_key || bytes.size() != open_size + volume_size + cookie_size)
        return std::nullopt;
    const std::string_view volume = bytes.substr(open_size, volume_size);
    if (volume.find('\0') != volume_size - 1)
        return std::nullopt;
    OpenMessage message;
    message.id = load_u32(bytes, 0);
    message.object_id = load_u32(bytes, 12);
    message.fd = load_u32(bytes, 24);
    message.flags = load_u32(bytes, 28);
    message.volume_key = volume.substr(0, volume_size - 1);
    message.cookie_key = bytes.substr(open_size + volume_size);
    return message;
}

std::optional<Message> parse_close(std::string_view bytes) {
    if (bytes.size() != header_size)
        return std::nullopt;
    return CloseMessage{load_u32(bytes, 0), load_u32(bytes, 12)};
}

std::optional<Message> parse_read(std::string_view bytes) {
    if (bytes.size() != read_size)
        return std::nullopt;
    return ReadMessage{load_u32(bytes, 0), load_u32(bytes, 12),
                       load<std::endian::native, std::uint64_t>(bytes, 16),
                       load<std::endian::native, std::uint64_t>(bytes, 24)};
}

std::string header(std::uint32_t id, Opcode opcode, std::size_t size, std::uint32_t object_id) {
    std::string bytes;
    bytes.reserve(size);
    append_u32(bytes, id);
    append_u32(bytes, static_cast<std::uint32_t>(opcode));
    append_u32(bytes, static_cast<std::uint32_t>(size));
    append_u32(bytes, object_id);
    return bytes;
}

std::string format(const OpenMessage& message) {
    const std::size_t volume_size = message.volume_key.size() + 1;
    const std::size_t size = open_size + volume_size + message.cookie_key.size();
    std::string bytes = header(message.id, Opcode::open, size, message.object_id);
    append_u32(bytes, static_cast<std::uint32_t>(volume_size));
    append_u32(bytes, static_cast<std::uint32_t>(message.cookie_key.size()));
    append_u32(bytes, message.fd);
    append_u32(bytes, message.flags);
    bytes += message.volume_key;
    bytes += '\0';
    return bytes += message.cookie_key;
}

std::string format(const CloseMessage& message) {
    return header(message.id, Opcode::close, header_size, message.object_id);
}

std::string format(const ReadMessage& message) {
    std::string bytes = header(message.id, Opcode::read, read_size, message.object_id);
    append<std::endian::native>(bytes, message.offset);
    append<std::endian::native>(bytes, message.length);
    return bytes;
}

} // namespace

std::optional<Message> parse_message(std::string_view bytes) {
    if (bytes.size() < header_size || load_u32(bytes, 8) != bytes.size())
        return std::nullopt;
    switch (Opcode{load_u32(bytes, 4)}) {
    case Opcode::open:
        return parse_open(bytes);
    case Opcode::close:
        return parse_close(bytes);
    case Opcode::read:
        return parse_read(bytes);
    }
    return std::nullopt;
}

std::string format_message(const Message& message) {
    return std::visit([](const auto& kind) { return format(kind); }, message);
}

} // namespace cachefiles::protocol
