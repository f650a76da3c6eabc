// SPDX-License-Identifier: GPL-2.0-or-later
// The input is a packet of the daemon's.
#include "protocol/netfs/codec.hpp"
#include "tests/fuzz/netfs_packet.hpp"

using namespace cachefiles::protocol::netfs;

namespace {

std::string format(const FromDaemon& message) {
    const Reply* reply = std::get_if<Reply>(&message);
    return reply != nullptr ? format_reply(*reply) : format_notice(std::get<Notice>(message));
}

void check(std::string_view packet) {
    const std::optional<FromDaemon> message = parse_from_daemon(packet);
    if (!message)
        return;
    require(packet.size() <= max_message);
    require(format(*message) == packet);
    require(!parse_request(packet));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check(as_text(data, size));
    check(with_true_length(data, size));
    return 0;
}
