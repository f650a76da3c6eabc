// SPDX-License-Identifier: GPL-2.0-or-later
// The input is a packet of a client.
#include "protocol/netfs/codec.hpp"
#include "tests/fuzz/netfs_packet.hpp"

#include <cerrno>

using namespace cachefiles::protocol::netfs;

namespace {

void check_refusal(const BadRequest& refused) {
    require(refused.error == EINVAL || refused.error == EOPNOTSUPP);
    if (!refused.serial)
        return;
    const Reply reply{refused.type, *refused.serial, refused.error, Empty{}};
    require(parse_from_daemon(format_reply(reply)) == FromDaemon(reply)); // it can be told
}

void check(std::string_view packet) {
    const std::expected<SerialRequest, BadRequest> request = parse_request(packet);
    if (!request)
        return check_refusal(request.error());
    require(packet.size() <= max_message);
    require(format_request(*request) == packet);
    require(!parse_from_daemon(packet));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check(as_text(data, size));
    check(with_true_length(data, size));
    return 0;
}
