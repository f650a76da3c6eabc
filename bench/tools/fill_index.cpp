// SPDX-License-Identifier: GPL-2.0-or-later
// An index of many objects, in step with a tree that has its directories only: what a daemon finds
// at its start, without the time that it takes to make so many files. Whoever reads a directory
// finds nothing, and forgets its objects: so it is seen if one is. Usage:
//
//   fill_index CACHE DATABASE OBJECTS
//   fill_index maps DATABASE            only gives each object that is there a content map
#include "base/clock.hpp"
#include "base/log.hpp"
#include "bench/tools/population.hpp"
#include "index/index.hpp"
#include "index/map_update.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::bench;

constexpr unsigned fanouts = 256;
constexpr Seconds ages = 10'000'000;

std::vector<index::Object> objects_of(std::size_t directory, std::size_t count, Seconds now,
                                      std::mt19937_64& random) {
    const std::size_t directories = volume_keys.size() * fanouts;
    std::vector<index::Object> objects;
    for (std::size_t number = directory; number < count; number += directories)
        objects.push_back(
            {index::ObjectId(),
             fmt::format("E{:039x}", number * 0x9E3779B97F4A7C15),
             {object_size, now - static_cast<Seconds>(random() % ages), index::ObjectState::idle}});
    return objects;
}

std::int64_t mtime_of(const std::string& path) {
    struct stat status{};
    check_system(stat(path.c_str(), &status), path);
    return status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
}

std::unique_ptr<index::Index> open_index(const char* database) {
    static const SystemClock clock;
    static NullLog log;
    index::IndexOptions options;
    options.path = std::filesystem::absolute(database);
    return index::Index::open(options, clock, log);
}

/// As if the only block of each object were present.
void give_maps(index::Index& index, index::DirectoryId directory) {
    index::NumberedMap first{0, {}};
    first.map.set(0, 1);
    std::vector<index::ObjectId> ids;
    index.for_each(directory, [&ids](const index::Object& object) { ids.push_back(object.id); });
    for (const index::ObjectId id : ids)
        index.set_content_maps(id, static_cast<index::ContentId>(id.value()), {&first, 1});
}

void give_maps(const char* database) {
    const auto index = open_index(database);
    for (const index::Volume& volume : index->volumes()) {
        for (unsigned fanout = 0; fanout < fanouts; ++fanout) {
            give_maps(*index, {volume.id, static_cast<std::uint8_t>(fanout)});
            index->commit_if_due();
        }
    }
    if (!index->commit())
        throw std::runtime_error("the index cannot be written");
}

void fill(const char* cache, const char* database, std::size_t count) {
    const auto index = open_index(database);
    check_system(chdir(cache), cache);
    for (const char* name : {"cache", "graveyard"})
        check_system(mkdir(name, 0700), name);
    const Seconds now = SystemClock().now();
    std::mt19937_64 random(1);
    index->begin_load();
    for (std::size_t volume = 0; volume < volume_keys.size(); ++volume) {
        make_volume(volume);
        const index::VolumeId id = index->add_volume(volume_keys.at(volume));
        for (unsigned fanout = 0; fanout < fanouts; ++fanout) {
            const index::DirectoryId directory{id, static_cast<std::uint8_t>(fanout)};
            index->put_all(directory, objects_of(volume * fanouts + fanout, count, now, random));
            give_maps(*index, directory);
            index->set_mark(directory, mtime_of(directory_of(volume, fanout)));
            index->set_checked(directory, true);
            index->commit_if_due();
        }
    }
    index->end_load();
    if (!index->commit() || index->totals().objects != count)
        throw std::runtime_error("the index does not hold all objects");
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 3 && std::string(argv[1]) == "maps")
            give_maps(argv[2]);
        else if (argc == 4)
            fill(argv[1], argv[2], std::stoul(argv[3]));
        else
            throw std::runtime_error("usage: fill_index CACHE DATABASE OBJECTS | maps DATABASE");
    } catch (const std::exception& error) {
        std::cerr << "fill_index: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
