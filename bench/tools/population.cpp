// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/tools/population.hpp"

#include "protocol/fanout_name.hpp"
#include "protocol/volume_name.hpp"
#include "protocol/xattr.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace cachefiles::bench {
namespace {

std::string little_endian(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i)
        bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
}

} // namespace

std::string cookie_key(std::uint64_t number) {
    if (volume_of(number) == 1)
        return little_endian(number + 12); // a qid's path: the server's inode number
    // Like the handles of an ext4 export: a header, the export, an inode and its generation.
    return std::string("\x01\x00\x07\x01", 4) + little_endian(2) + little_endian(0x5eed) +
           little_endian(number + 12) + little_endian(number * 0x9E3779B97F4A7C15);
}

std::string aux_of(std::size_t volume) {
    return std::string(protocol::expected_aux_length(volume_keys.at(volume)).value(), 'a');
}

std::string directory_of(std::size_t volume) {
    return "cache/" + protocol::encode_volume_name(volume_keys.at(volume)).value();
}

std::string directory_of(std::size_t volume, unsigned fanout) {
    return directory_of(volume) + "/" +
           protocol::format_fanout_name(static_cast<std::uint8_t>(fanout));
}

void make_volume(std::size_t volume) {
    const std::string path = directory_of(volume);
    check_system(mkdir(path.c_str(), 0700), path);
    const std::string value = protocol::format_volume_xattr({});
    check_system(setxattr(path.c_str(), protocol::xattr_name, value.data(), value.size(), 0), path);
    for (unsigned fanout = 0; fanout < 256; ++fanout)
        check_system(mkdir(directory_of(volume, fanout).c_str(), 0700), path);
}

void check_system(long result, const std::string& what) {
    if (result < 0)
        throw std::runtime_error(what + ": " + std::strerror(errno));
}

} // namespace cachefiles::bench
