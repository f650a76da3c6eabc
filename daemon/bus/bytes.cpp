// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/bytes.hpp"

#include "daemon/bus/raw_message.hpp"

#include <cstddef>

namespace cachefiles::daemon::bus {

sdbus::Message& operator<<(sdbus::Message& message, const Bytes& bytes) {
    const int result = sd_bus_message_append_array(RawMessage::of(message), 'y', bytes.value.data(),
                                                   bytes.value.size());
    if (result < 0)
        throw sdbus::createError(-result, "cannot append bytes");
    return message;
}

sdbus::Message& operator>>(sdbus::Message& message, Bytes& bytes) {
    const void* data = nullptr;
    std::size_t size = 0;
    const int result = sd_bus_message_read_array(RawMessage::of(message), 'y', &data, &size);
    if (result < 0)
        throw sdbus::createError(-result, "cannot read bytes");
    bytes.value.assign(static_cast<const char*>(data), size);
    return message;
}

} // namespace cachefiles::daemon::bus
