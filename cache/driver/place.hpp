// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/store/root.hpp"

#include <expected>
#include <optional>
#include <string>

namespace cachefiles::cache::driver {

/// A directory of the cache, as somebody's working directory.
struct Place {
    Fd directory;     ///< reached from the root, so that entries can be moved to the graveyard
    std::string path; ///< below the root: "", "cache", "cache/I...", "cache/I.../@xx", or other

    /// The path in use of the entry `name`: what the store claims for it, or for the directory that
    /// it belongs to. Nothing for entries that the store knows nothing of.
    [[nodiscard]] std::optional<std::string> claim_of(const std::string& name) const;
    /// cache/ and graveyard/ themselves, always in use.
    [[nodiscard]] bool is_part(const std::string& name) const;
};

/// Where in the cache the directory is: EXDEV if it is outside, ENOTDIR if it is no directory,
/// ESTALE if it has been removed. It may be open in another mount namespace, or by way of another
/// mount: what counts is which directory it is, and what its path says is only where to look first.
[[nodiscard]] std::expected<Place, int> find_place(const store::Root& root, int directory);

} // namespace cachefiles::cache::driver
