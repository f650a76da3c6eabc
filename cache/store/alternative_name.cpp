// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/alternative_name.hpp"

#include "protocol/key.hpp"
#include "protocol/object_name.hpp"
#include "protocol/volume_name.hpp"

#include <fmt/format.h>

#include <expected>

namespace cachefiles::cache::store {
namespace {

/// FNV-1a, 64 bits. Part of the names on disk: it must never change. Keys that collide cost each
/// other their cached data, and nothing worse.
std::uint64_t hash_of(std::string_view key) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : key)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

std::string name_of(std::string_view prefix, std::string_view key) {
    return fmt::format("{}{:016x}{:02x}", prefix, hash_of(key), key.size());
}

bool has_form(std::string_view name, std::string_view prefix) {
    constexpr std::size_t digits = 18;
    return name.size() == prefix.size() + digits && name.starts_with(prefix) &&
           name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

} // namespace

std::string alternative_object_name(std::string_view cookie_key) {
    return name_of("Ex", cookie_key);
}

std::string alternative_volume_name(std::string_view volume_key) {
    return name_of("J", volume_key);
}

bool is_alternative_object_name(std::string_view name) {
    return has_form(name, "Ex");
}

bool is_alternative_volume_name(std::string_view name) {
    return has_form(name, "J");
}

ObjectNames object_names(std::string_view cookie_key) {
    ObjectNames names;
    if (std::expected<std::string, protocol::CookieKeyRefusal> name =
            protocol::encode_object_name(cookie_key))
        names.drivers = *std::move(name);
    if (!names.drivers || protocol::decode_object_name(*names.drivers).size() > 1)
        names.alternative = alternative_object_name(cookie_key);
    return names;
}

bool is_left_over(std::string_view name) {
    return name == temporary_name;
}

std::optional<VolumeName> volume_name(std::string_view volume_key) {
    if (volume_key.empty() || volume_key.size() > protocol::longest_key)
        return std::nullopt;
    if (std::expected<std::string, protocol::VolumeKeyRefusal> name =
            protocol::encode_volume_name(volume_key))
        return VolumeName{*std::move(name), false};
    return VolumeName{alternative_volume_name(volume_key), true};
}

} // namespace cachefiles::cache::store
