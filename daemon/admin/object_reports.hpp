// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/admin/administration.hpp"
#include "daemon/admin/in_use_source.hpp"
#include "index/index.hpp"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cachefiles::daemon::admin {

/// Objects of the index as the administration shows them. One thread; waits for the index.
class ObjectReports final {
public:
    static constexpr std::size_t largest_page = 10'000;

    ObjectReports(index::Index& index, InUseSource in_use)
        : index_(index), in_use_(std::move(in_use)) {}

    /// A page of the order of culling, those in use behind all others. An object that is used
    /// meanwhile moves to the end, and may be seen twice.
    [[nodiscard]] std::expected<ObjectPage, Refusal> list(const ObjectQuery& query);
    /// By its volume's key and its file name, or (no volume, "#NUMBER") by its number.
    [[nodiscard]] std::expected<ObjectReport, Refusal> show(std::string_view volume,
                                                            std::string_view name);

private:
    [[nodiscard]] std::optional<index::Object> find(std::string_view volume, std::string_view name);
    [[nodiscard]] ObjectReport report(index::Object object);
    [[nodiscard]] const std::string& key_of(index::VolumeId volume);

    index::Index& index_;
    InUseSource in_use_;
    std::map<index::VolumeId, std::string> keys_; ///< of one call
};

/// The object's file for reading, or an empty descriptor and errno. `root` is the cache's
/// directory.
[[nodiscard]] Fd open_object(int root, const ObjectReport& object);

/// Where a page ends, as text that a caller may keep; it lasts over restarts.
[[nodiscard]] std::string format_cursor(const index::RecencyCursor& cursor);
/// Nothing for what format_cursor() never writes. Empty is where the first page begins.
[[nodiscard]] std::optional<index::RecencyCursor> parse_cursor(std::string_view text);

/// There is no volume of that key.
[[nodiscard]] Refusal no_such_volume(std::string_view key);

} // namespace cachefiles::daemon::admin
