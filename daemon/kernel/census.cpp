// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/census.hpp"

#include "protocol/cookie_list.hpp"
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"

#include <fstream>
#include <unordered_map>

namespace cachefiles::daemon {
namespace {

// The list of volumes shows so much of a cache's name.
constexpr std::size_t shown_tag = 15;

/// States in which the driver holds the object's file.
bool has_object(protocol::CookieState state) {
    using enum protocol::CookieState;
    return state != quiescent && state != failed && state != dropped;
}

} // namespace

Census::Census(std::string_view tag, std::filesystem::path directory)
    : tag_(tag.substr(0, shown_tag)), directory_(std::move(directory)) {}

std::optional<std::vector<Census::Held>> Census::held_volumes(index::Index& index) const {
    std::ifstream list(directory_ / "volumes");
    if (!list)
        return std::nullopt;
    std::unordered_map<std::string, index::VolumeId> numbers;
    for (const index::Volume& volume : index.volumes())
        numbers.emplace(volume.key, volume.id);
    std::vector<Held> held;
    for (std::string line; std::getline(list, line);) {
        const std::optional<protocol::VolumeEntry> entry = protocol::parse_volume_line(line);
        if (!entry || entry->cache != tag_)
            continue;
        if (const auto number = numbers.find(entry->key); number != numbers.end())
            held.push_back({entry->id, entry->key, number->second});
    }
    return held;
}

std::optional<std::vector<index::VolumeId>> Census::volumes_in_use(index::Index& index) {
    const std::optional<std::vector<Held>> held = held_volumes(index);
    if (!held)
        return std::nullopt;
    std::vector<index::VolumeId> volumes;
    for (const Held& volume : *held)
        volumes.push_back(volume.volume);
    return volumes;
}

std::optional<std::vector<index::ObjectId>> Census::objects_in_use(index::Index& index) {
    struct Place {
        std::uint32_t salt;
        index::VolumeId volume;
    };
    const std::optional<std::vector<Held>> held = held_volumes(index);
    std::ifstream list(directory_ / "cookies");
    if (!held || !list)
        return std::nullopt;
    std::unordered_map<std::uint32_t, Place> places;
    for (const Held& volume : *held)
        places[volume.kernel_id] = {protocol::volume_hash(volume.key), volume.volume};
    std::vector<index::ObjectId> objects;
    for (std::string line; std::getline(list, line);) {
        const std::optional<protocol::CookieEntry> cookie = protocol::parse_cookie_line(line);
        if (!cookie || !has_object(cookie->state))
            continue;
        const auto place = places.find(cookie->volume);
        const auto name = protocol::encode_object_name(cookie->key);
        if (place == places.end() || !name)
            continue;
        const std::uint32_t hash = protocol::cookie_hash(place->second.salt, cookie->key);
        const index::DirectoryId directory{place->second.volume, protocol::fanout_of(hash)};
        if (const std::optional<index::Object> object = index.find(directory, *name))
            objects.push_back(object->id);
    }
    return objects;
}

} // namespace cachefiles::daemon
