// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/log_mark.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace cachefiles::campaign {

LogMark::LogMark(std::string device)
    : device_(std::move(device)), control_(::open("/dev/mapper/control", O_RDWR | O_CLOEXEC)) {
    if (!control_)
        throw SystemError("open /dev/mapper/control");
}

void LogMark::set(std::uint64_t number) {
    const std::string message = "mark " + std::to_string(number);
    dm_ioctl header{};
    header.version[0] = DM_VERSION_MAJOR;
    header.data_start = sizeof header;
    header.data_size =
        static_cast<std::uint32_t>(sizeof header + sizeof(dm_target_msg) + message.size() + 1);
    device_.copy(header.name, sizeof header.name - 1);
    std::vector<std::byte> packet(header.data_size); // zeros: the sector, and the end of the text
    std::memcpy(packet.data(), &header, sizeof header);
    std::memcpy(packet.data() + sizeof header + offsetof(dm_target_msg, message), message.data(),
                message.size());
    if (::ioctl(control_.get(), DM_TARGET_MSG, packet.data()) != 0)
        throw SystemError("set a mark in " + device_);
}

} // namespace cachefiles::campaign
