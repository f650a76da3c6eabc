// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cachefiles::campaign {

/// Which page of which version of which file this is: what a page of the source says of itself.
struct PageName {
    std::uint64_t seed = 0;
    std::uint32_t file = 0;
    std::uint32_t version = 0;
    std::uint64_t page = 0;

    bool operator==(const PageName&) const = default;
};

using Page = std::array<std::byte, 4096>;

/// The name, its checksum, and then bytes that occur in no other page.
void make_page(Page& page, const PageName& name);
/// Of a page that is whole and as it was made; nothing otherwise.
[[nodiscard]] std::optional<PageName> name_of(std::span<const std::byte, 4096> page);

} // namespace cachefiles::campaign
