// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/fanout_name.hpp"

#include "protocol/hex.hpp"

namespace cachefiles::protocol {

std::string format_fanout_name(std::uint8_t fanout) {
    std::string name(fanout < 0x10 ? "@0" : "@");
    append_hex(name, fanout);
    return name;
}

std::optional<std::uint8_t> parse_fanout_name(std::string_view name) {
    if (name.size() != 3 || name.front() != '@')
        return std::nullopt;
    return parse_hex_as<std::uint8_t>(name.substr(1));
}

} // namespace cachefiles::protocol
