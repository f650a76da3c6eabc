// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"
#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cachefiles::ctl {

/// How much of a cache was last used when.
struct AgeTable {
    struct Row {
        std::optional<Seconds> within; ///< nothing: older than the row before
        std::uint64_t objects = 0, bytes = 0;
        std::uint64_t kept_objects = 0, kept_bytes = 0; ///< this and all younger rows
    };
    std::vector<Row> rows; ///< youngest first

    AgeTable(const std::vector<Seconds>& bounds, const std::vector<AgeValues>& ages);
    [[nodiscard]] std::uint64_t objects() const;
    [[nodiscard]] std::uint64_t bytes() const;
    /// The youngest row that reaches so much, counted from the youngest object; nothing if all of
    /// it is less.
    [[nodiscard]] const Row* reaching_bytes(std::uint64_t bytes) const;
    [[nodiscard]] const Row* reaching_objects(std::uint64_t objects) const;
};

/// A histogram by bytes, what a max-age of each row keeps, and what the other limits keep.
[[nodiscard]] std::string ages_view(const AgeTable& table, const CacheValues& cache,
                                    const Style& style);
[[nodiscard]] Json ages_json(const AgeTable& table, const CacheValues& cache);

} // namespace cachefiles::ctl
