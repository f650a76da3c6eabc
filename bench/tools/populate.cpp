// SPDX-License-Identifier: GPL-2.0-or-later
// Fills an empty file system with a cache as the driver would have left it, so that a benchmark
// need not wait for a network file system to do so. Usage: populate DIRECTORY OBJECTS [CULL]
//
// Objects are of two volumes, one like NFS (file handles as keys) and one like 9P (inode numbers).
// Each has one block, and a last use of its own; the uses are in no relation to the order in which
// the files were made.
//
// With CULL, so many objects are to be culled: DIRECTORY/filler gets as many empty files as it
// takes to bring the free inodes so far below `frun 20%`, and DIRECTORY/replay says which objects
// they are, as "DIRECTORY NAME" lines in the order in which a perfect culler would take them.
#include "protocol/fanout_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "protocol/volume_name.hpp"
#include "protocol/xattr.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace protocol = cachefiles::protocol;

constexpr std::size_t batch = 4096; // within it, a culler may sort by directory
constexpr std::uint64_t run_percent = 20;
constexpr long block = 4096;
constexpr long seconds_apart = 30;

const std::array<std::string, 2> volume_keys{
    "nfs,4.2,2,0,200000a,801,,,8,100000,100000,bb8,ea60,7530,ea60,1", "9p,cached0,bench"};

struct Object {
    std::size_t volume;
    std::uint8_t fanout;
    std::string name;
    std::uint64_t age; ///< 0 is the youngest
};

void check(int result, const std::string& what) {
    if (result < 0)
        throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::string directory_of(std::size_t volume, unsigned fanout) {
    return "cache/" + protocol::encode_volume_name(volume_keys[volume]).value() + "/" +
           protocol::format_fanout_name(static_cast<std::uint8_t>(fanout));
}

std::string little_endian(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i)
        bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
}

std::string cookie_key(std::size_t volume, std::uint64_t number) {
    if (volume == 1)
        return little_endian(number + 12); // a qid's path: the server's inode number
    // Like the handles of an ext4 export: a header, the export, an inode and its generation.
    return std::string("\x01\x00\x07\x01", 4) + little_endian(2) + little_endian(0x5eed) +
           little_endian(number + 12) + little_endian(number * 0x9E3779B97F4A7C15);
}

std::vector<Object> make_list(std::size_t count) {
    std::vector<std::uint64_t> ages(count);
    std::iota(ages.begin(), ages.end(), 0);
    std::shuffle(ages.begin(), ages.end(), std::mt19937_64(1));
    std::vector<Object> objects;
    objects.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        const std::size_t volume = number % volume_keys.size();
        const std::string key = cookie_key(volume, number);
        const std::uint32_t salt = protocol::volume_hash(volume_keys[volume]);
        objects.push_back({volume, protocol::fanout_of(protocol::cookie_hash(salt, key)),
                           protocol::encode_object_name(key).value(), ages[number]});
    }
    return objects;
}

void make_directories() {
    for (const char* name : {"cache", "graveyard", "filler"})
        check(mkdir(name, 0700), name);
    for (std::size_t volume = 0; volume < volume_keys.size(); ++volume) {
        const std::string path =
            "cache/" + protocol::encode_volume_name(volume_keys[volume]).value();
        check(mkdir(path.c_str(), 0700), path);
        const std::string value = protocol::format_volume_xattr({});
        check(setxattr(path.c_str(), protocol::xattr_name, value.data(), value.size(), 0), path);
        for (unsigned fanout = 0; fanout < 256; ++fanout)
            check(mkdir(directory_of(volume, fanout).c_str(), 0700), path);
    }
}

void make_object(const Object& object, time_t now) {
    const std::string path = directory_of(object.volume, object.fanout) + "/" + object.name;
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    check(fd, path);
    check(fallocate(fd, 0, 0, block), path); // allocated, but the image stays sparse
    protocol::ObjectXattr xattr;
    xattr.object_size = block;
    xattr.content = protocol::Content::single;
    xattr.aux.assign(protocol::expected_aux_length(volume_keys[object.volume]).value(), 'a');
    const std::string value = protocol::format_object_xattr(xattr);
    check(fsetxattr(fd, protocol::xattr_name, value.data(), value.size(), 0), path);
    const timespec used{now - 86400 - static_cast<time_t>(object.age) * seconds_apart, 0};
    const std::array<timespec, 2> times{used, used};
    check(futimens(fd, times.data()), path);
    close(fd);
}

/// The oldest, in batches, each sorted by directory.
void write_replay(std::vector<Object>& objects, std::size_t cull) {
    const auto end = objects.begin() + static_cast<std::ptrdiff_t>(cull);
    std::partial_sort(objects.begin(), end, objects.end(),
                      [](const Object& a, const Object& b) { return a.age > b.age; });
    for (std::size_t from = 0; from < cull; from += batch) {
        const auto first = objects.begin() + static_cast<std::ptrdiff_t>(from);
        const auto last =
            objects.begin() + static_cast<std::ptrdiff_t>(std::min(from + batch, cull));
        std::stable_sort(first, last, [](const Object& a, const Object& b) {
            return std::pair(a.volume, a.fanout) < std::pair(b.volume, b.fanout);
        });
    }
    std::ofstream list("replay");
    for (auto at = objects.begin(); at != end; ++at)
        list << directory_of(at->volume, at->fanout) << ' ' << at->name << '\n';
}

void fill_inodes(std::size_t cull) {
    struct statvfs status{};
    check(statvfs(".", &status), "statvfs");
    const std::uint64_t goal = status.f_files / 100 * run_percent - cull;
    if (status.f_ffree < goal)
        throw std::runtime_error("the file system has too few inodes");
    for (std::uint64_t left = status.f_ffree - goal; left > 0; --left) {
        const std::string path = "filler/" + std::to_string(left);
        const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        check(fd, path);
        close(fd);
    }
}

void populate(const char* root, std::size_t count, std::size_t cull) {
    check(chdir(root), root);
    std::vector<Object> objects = make_list(count);
    make_directories();
    const time_t now = std::time(nullptr);
    for (const Object& object : objects)
        make_object(object, now);
    if (cull == 0)
        return;
    write_replay(objects, cull);
    fill_inodes(cull);
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3 && argc != 4)
            throw std::runtime_error("usage: populate DIRECTORY OBJECTS [CULL]");
        populate(argv[1], std::stoul(argv[2]), argc == 4 ? std::stoul(argv[3]) : 0);
    } catch (const std::exception& error) {
        std::cerr << "populate: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
