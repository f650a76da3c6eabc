// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/page.hpp"

#include "tests/campaign/random.hpp"

#include <algorithm>
#include <cstring>

namespace cachefiles::campaign {

void make_page(Page& page, const PageName& name) {
    const std::uint64_t identity = (std::uint64_t{name.file} << 32) | name.version;
    const std::uint64_t checksum = mixed(mixed(mixed(name.seed) + identity) + name.page);
    std::array<std::uint64_t, sizeof(Page) / 8> words{name.seed, identity, name.page, checksum};
    std::uint64_t state = checksum;
    for (std::size_t i = 4; i < words.size(); ++i) {
        // xorshift: an emulated machine fills hundreds of megabytes with it.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        words[i] = state;
    }
    std::memcpy(page.data(), words.data(), sizeof words);
}

std::optional<PageName> name_of(std::span<const std::byte, 4096> page) {
    std::array<std::uint64_t, 3> words{};
    std::memcpy(words.data(), page.data(), sizeof words);
    const PageName name{.seed = words[0],
                        .file = static_cast<std::uint32_t>(words[1] >> 32),
                        .version = static_cast<std::uint32_t>(words[1]),
                        .page = words[2]};
    Page expected{};
    make_page(expected, name);
    if (!std::ranges::equal(page, expected))
        return std::nullopt;
    return name;
}

} // namespace cachefiles::campaign
