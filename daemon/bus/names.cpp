// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/names.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon::bus {
namespace {

bool is_plain(unsigned char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

} // namespace

std::string cache_path(std::string_view tag) {
    std::string path = std::string(manager_path) + "/cache/";
    if (tag.empty())
        return path + "_";
    for (const char c : tag) {
        const auto byte = static_cast<unsigned char>(c);
        path += is_plain(byte) ? std::string(1, c) : fmt::format("_{:02x}", byte);
    }
    return path;
}

std::string volume_path(index::VolumeId volume) {
    return fmt::format("{}/volume/{}", manager_path, volume);
}

std::string job_path(admin::JobId job) {
    return fmt::format("{}/job/{}", manager_path, job);
}

} // namespace cachefiles::daemon::bus
