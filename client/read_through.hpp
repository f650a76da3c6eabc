// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cachefiles::client {

/// One cachefiles_read_through(): its caller's buffer, and the source.
class ReadThrough final {
public:
    struct Source {
        cachefiles_fetch* fetch = nullptr;
        void* context = nullptr;
    };

    ReadThrough(Connection& connection, Cookie& cookie, Source source)
        : connection_(connection), cookie_(cookie), source_(source) {}

    [[nodiscard]] ssize_t read(char* buffer, std::size_t length, std::uint64_t start);

private:
    [[nodiscard]] ssize_t step(char* buffer, std::size_t length, std::uint64_t start);
    [[nodiscard]] ssize_t fill(const cachefiles_plan& plan, char* buffer, std::size_t length,
                               std::uint64_t start);
    [[nodiscard]] ssize_t fetch(char* buffer, std::size_t length, std::uint64_t start);

    Connection& connection_;
    Cookie& cookie_;
    Source source_;
    int misses_ = 0; ///< of reads that were planned
    std::vector<char> blocks_;
};

} // namespace cachefiles::client
