// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

namespace cachefiles::cache::store {

/// Tries what the store asks of a file system (on-disk-format.md section 10), in the directories
/// themselves; what it makes goes to the graveyard and is removed. A full file system is not
/// refused: what cannot be tried then counts as present.
/// Errors: SystemError, which names the missing feature.
void probe_file_system(const std::filesystem::path& root, int cache, int graveyard);

} // namespace cachefiles::cache::store
