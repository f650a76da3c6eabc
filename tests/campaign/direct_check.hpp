// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/campaign/source.hpp"
#include "tests/campaign/tally.hpp"

#include <filesystem>
#include <vector>

namespace cachefiles::campaign {

/// Compares every block that counts as present, by the rules of a lookup, with the source: the
/// object is not marked as dirty, the index has the block's bit under the content that the object
/// names, and the file has no hole there. No daemon runs. The database is copied first: nothing
/// changes. What is wrong is said on stderr. Errors: SystemError,
/// std::filesystem::filesystem_error.
[[nodiscard]] Tally check_directly(const std::filesystem::path& cache,
                                   const std::filesystem::path& database,
                                   const std::vector<Source>& sources);

} // namespace cachefiles::campaign
