// SPDX-License-Identifier: GPL-2.0-or-later
// Fills an empty file system with a cache as the driver would have left it, so that a benchmark
// need not wait for a network file system to do so. Usage: populate DIRECTORY OBJECTS [ours] [CULL
// [list]]
//
// Objects are of two volumes, one like NFS (file handles as keys) and one like 9P (inode numbers).
// Each has one block, and a last use of its own; the uses are in no relation to the order in which
// the files were made. With `ours` they are as the user backend would have left them: with a
// content id, but nothing that is present.
//
// With CULL, so many objects are to be culled: DIRECTORY/filler gets as many empty files as it
// takes to bring the free inodes so far below `frun 20%`, and DIRECTORY/replay says which objects
// they are, as "DIRECTORY NAME" lines in the order in which a perfect culler would take them. With
// `list` there is only the latter.
#include "bench/tools/population.hpp"
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "protocol/xattr.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::bench;

constexpr std::size_t batch = 4096; // within it, a culler may sort by directory
constexpr std::uint64_t run_percent = 20;
constexpr long block = object_size;
constexpr long seconds_apart = 30;

struct Object {
    std::size_t volume;
    std::uint8_t fanout;
    std::string name;
    std::uint64_t age; ///< 0 is the youngest
};

std::vector<Object> make_list(std::size_t count) {
    std::vector<std::uint64_t> ages(count);
    std::iota(ages.begin(), ages.end(), 0);
    std::shuffle(ages.begin(), ages.end(), std::mt19937_64(1));
    std::vector<Object> objects;
    objects.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        const std::size_t volume = volume_of(number);
        const std::string key = cookie_key(number);
        const std::uint32_t salt = protocol::volume_hash(volume_keys[volume]);
        objects.push_back({volume, protocol::fanout_of(protocol::cookie_hash(salt, key)),
                           protocol::encode_object_name(key).value(), ages[number]});
    }
    return objects;
}

void make_directories() {
    for (const char* name : {"cache", "graveyard", "filler"})
        check_system(mkdir(name, 0700), name);
    for (std::size_t volume = 0; volume < volume_keys.size(); ++volume)
        make_volume(volume);
}

void make_object(const Object& object, time_t now, std::uint64_t content_id) {
    const std::string path = directory_of(object.volume, object.fanout) + "/" + object.name;
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    check_system(fd, path);
    check_system(fallocate(fd, 0, 0, block), path); // allocated, but the image stays sparse
    protocol::ObjectXattr xattr;
    xattr.object_size = block;
    xattr.zero_point = content_id;
    xattr.content = content_id == 0 ? protocol::Content::single : protocol::Content::no_data;
    xattr.aux = aux_of(object.volume);
    const std::string value = protocol::format_object_xattr(xattr);
    check_system(fsetxattr(fd, protocol::xattr_name, value.data(), value.size(), 0), path);
    const timespec used{now - 86400 - static_cast<time_t>(object.age) * seconds_apart, 0};
    const std::array<timespec, 2> times{used, used};
    check_system(futimens(fd, times.data()), path);
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
    check_system(statvfs(".", &status), "statvfs");
    const std::uint64_t goal = status.f_files / 100 * run_percent - cull;
    if (status.f_ffree < goal)
        throw std::runtime_error("the file system has too few inodes");
    for (std::uint64_t left = status.f_ffree - goal; left > 0; --left) {
        const std::string path = "filler/" + std::to_string(left);
        const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        check_system(fd, path);
        close(fd);
    }
}

struct Arguments {
    std::string root;
    std::size_t count = 0, cull = 0;
    bool ours = false, fill = true;

    explicit Arguments(const std::vector<std::string>& words) {
        if (words.size() < 2)
            throw std::runtime_error("usage: populate DIRECTORY OBJECTS [ours] [CULL [list]]");
        root = words[0];
        count = std::stoul(words[1]);
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (words[i] == "ours")
                ours = true;
            else if (words[i] == "list")
                fill = false;
            else
                cull = std::stoul(words[i]);
        }
    }
};

void populate(const Arguments& arguments) {
    check_system(chdir(arguments.root.c_str()), arguments.root);
    std::vector<Object> objects = make_list(arguments.count);
    make_directories();
    const time_t now = std::time(nullptr);
    std::mt19937_64 random(2);
    for (const Object& object : objects)
        make_object(object, now, arguments.ours ? random() | 1U : 0);
    if (arguments.cull == 0)
        return;
    write_replay(objects, arguments.cull);
    if (arguments.fill)
        fill_inodes(arguments.cull);
}

} // namespace

int main(int argc, char** argv) {
    try {
        populate(Arguments({argv + 1, argv + argc}));
    } catch (const std::exception& error) {
        std::cerr << "populate: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
