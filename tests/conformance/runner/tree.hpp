// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace cachefiles::conformance {

/// Everything below cache/ and graveyard/ of a cache, a line each, in the order of the names: kind,
/// mode, size and attribute. Of the 256 fan-out directories only those that are not empty have a
/// line, the volume's says how many there are. What was buried is numbered. A content id is <id>.
[[nodiscard]] std::string describe_tree(const std::filesystem::path& cache);

/// A file's bytes as runs, holes told apart from zeros. An errno's name if it cannot be read.
[[nodiscard]] std::string describe_data(const std::filesystem::path& file);

} // namespace cachefiles::conformance
