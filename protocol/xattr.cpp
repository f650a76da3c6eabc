// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/xattr.hpp"

#include "protocol/bytes.hpp"

#include <array>

namespace cachefiles::protocol {
namespace {

struct NetworkFileSystem {
    std::string_view name;
    std::size_t aux_length;
    std::size_t coherency_length;
};

constexpr std::array<NetworkFileSystem, 6> network_file_systems{{
    {"nfs", 40, 0}, // five 64-bit numbers: mtime, ctime, change attribute
    {"cifs", 24, 20},
    {"afs", 8, 0},   // data version
    {"9p", 4, 0},    // qid version
    {"ceph", 8, 0},  // version
    {"erofs", 0, 0}, // images do not change
}};

const NetworkFileSystem* network_file_system_of(std::string_view volume_key) {
    const std::size_t comma = volume_key.find(',');
    if (comma == std::string_view::npos)
        return nullptr;
    for (const NetworkFileSystem& known : network_file_systems) {
        if (known.name == volume_key.substr(0, comma))
            return &known;
    }
    return nullptr;
}

/// The driver reads into a buffer of the length it expects: what is longer does not fit (ERANGE).
Coherency check_length(std::size_t stored, std::size_t expected) {
    if (stored > expected)
        return Coherency::refused;
    return stored < expected ? Coherency::stale : Coherency::valid;
}

} // namespace

std::optional<ObjectXattr> parse_object_xattr(std::string_view value) {
    if (value.size() < object_xattr_header ||
        value.size() > object_xattr_header + max_coherency_data)
        return std::nullopt;
    ObjectXattr xattr;
    xattr.object_size = load<std::endian::big, std::uint64_t>(value, 0);
    xattr.zero_point = load<std::endian::big, std::uint64_t>(value, 8);
    xattr.type = load<std::endian::big, std::uint8_t>(value, 16);
    xattr.content = Content{load<std::endian::big, std::uint8_t>(value, 17)};
    xattr.aux = value.substr(object_xattr_header);
    return xattr;
}

std::string format_object_xattr(const ObjectXattr& xattr) {
    std::string value;
    value.reserve(object_xattr_header + xattr.aux.size());
    append<std::endian::big>(value, xattr.object_size);
    append<std::endian::big>(value, xattr.zero_point);
    append<std::endian::big>(value, xattr.type);
    append<std::endian::big>(value, static_cast<std::uint8_t>(xattr.content));
    return value += xattr.aux;
}

std::optional<std::string> parse_volume_xattr(std::string_view value) {
    if (inspect_volume_xattr(value, std::nullopt) != Coherency::valid)
        return std::nullopt;
    return std::string(value.substr(volume_xattr_header));
}

std::string format_volume_xattr(std::string_view coherency) {
    std::string value(volume_xattr_header, '\0');
    return value += coherency;
}

Coherency check_object_xattr(std::optional<std::string_view> stored, std::string_view expected_aux,
                             std::uint64_t expected_size) {
    const Coherency form = inspect_object_xattr(stored, expected_aux.size());
    if (form != Coherency::valid)
        return form;
    const bool same = stored->substr(object_xattr_header) == expected_aux &&
                      load<std::endian::big, std::uint64_t>(*stored, 0) == expected_size;
    return same ? Coherency::valid : Coherency::stale;
}

Coherency check_volume_xattr(std::optional<std::string_view> stored,
                             std::string_view expected_coherency) {
    const Coherency form = inspect_volume_xattr(stored, expected_coherency.size());
    if (form != Coherency::valid)
        return form;
    const bool same = stored->substr(volume_xattr_header) == expected_coherency;
    return same ? Coherency::valid : Coherency::stale;
}

Coherency inspect_object_xattr(std::optional<std::string_view> stored,
                               std::optional<std::size_t> aux_length) {
    if (!stored || stored->size() > object_xattr_header + max_coherency_data)
        return Coherency::refused;
    if (aux_length) {
        const Coherency length = check_length(stored->size(), object_xattr_header + *aux_length);
        if (length != Coherency::valid)
            return length;
    }
    const std::optional<ObjectXattr> xattr = parse_object_xattr(*stored);
    if (!xattr || xattr->type != ObjectXattr::type_data || xattr->content == Content::dirty)
        return Coherency::stale;
    return Coherency::valid;
}

Coherency inspect_volume_xattr(std::optional<std::string_view> stored,
                               std::optional<std::size_t> coherency_length) {
    if (!stored || stored->size() > volume_xattr_header + max_coherency_data)
        return Coherency::refused;
    if (coherency_length) {
        const Coherency length =
            check_length(stored->size(), volume_xattr_header + *coherency_length);
        if (length != Coherency::valid)
            return length;
    }
    const bool known_form = stored->size() >= volume_xattr_header &&
                            load<std::endian::big, std::uint32_t>(*stored, 0) == 0;
    return known_form ? Coherency::valid : Coherency::stale;
}

std::optional<std::size_t> expected_aux_length(std::string_view volume_key) {
    const NetworkFileSystem* known = network_file_system_of(volume_key);
    return known ? std::optional(known->aux_length) : std::nullopt;
}

std::optional<std::size_t> expected_coherency_length(std::string_view volume_key) {
    const NetworkFileSystem* known = network_file_system_of(volume_key);
    return known ? std::optional(known->coherency_length) : std::nullopt;
}

} // namespace cachefiles::protocol
