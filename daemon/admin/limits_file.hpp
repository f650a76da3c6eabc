// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"
#include "daemon/config/load.hpp"

#include <expected>
#include <filesystem>
#include <map>
#include <string>

namespace cachefiles::daemon::admin {

/// The drop-in of the configuration that keeps limits which were set while the daemon ran. One
/// thread at a time; writes to the disk.
class LimitsFile final {
public:
    static constexpr const char* name = "90-limits.yaml";

    explicit LimitsFile(LoadRequest request) : request_(std::move(request)) {}

    /// Adds the change to what the file says, all or nothing: if the configuration has an error
    /// then, the file is as it was. It counts with the next load(). Errors: what is wrong, and what
    /// to do about it.
    [[nodiscard]] std::expected<void, std::string> keep(const LimitChange& change);

private:
    using Texts = std::map<std::string, std::string>; ///< by key path

    [[nodiscard]] static std::expected<Texts, std::string> read(const std::filesystem::path& file);

    const LoadRequest request_;
};

} // namespace cachefiles::daemon::admin
