// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace cachefiles::campaign {

bool Judge::check(const Source& source, std::uint32_t oldest, std::uint32_t newest,
                  std::uint64_t start, std::span<const std::byte> data, std::string_view where) {
    bytes_ += data.size();
    if (source.matches(newest, start, data))
        return true;
    for (std::size_t at = 0; at < data.size();) {
        const std::size_t length =
            std::min(Source::page_size - (start + at) % Source::page_size, data.size() - at);
        const std::span<const std::byte> page = data.subspan(at, length);
        std::uint32_t version = oldest;
        while (version <= newest && !source.matches(version, start + at, page))
            ++version;
        if (version > newest) {
            wrong(
                fmt::format("{}: {}", where, source.explain(newest, start + at, data.subspan(at))));
            return false;
        }
        at += length;
    }
    return true;
}

void Judge::wrong(std::string_view what) {
    ++wrong_;
    const std::string line = fmt::format("WRONG {}\n", what);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace cachefiles::campaign
