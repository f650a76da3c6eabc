// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/campaign/source.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cachefiles::campaign {

/// Compares what comes out of a cache with the source, counts, and says on stderr what is wrong.
/// Any thread.
class Judge final {
public:
    /// Page by page: each has to be of one of the versions from `oldest` to `newest`. `where` is
    /// for people.
    bool check(const Source& source, std::uint32_t oldest, std::uint32_t newest,
               std::uint64_t start, std::span<const std::byte> data, std::string_view where);
    /// Something else that must not be.
    void wrong(std::string_view what);

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t wrong_count() const { return wrong_; }

private:
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> wrong_{0};
};

} // namespace cachefiles::campaign
