// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace cachefiles::protocol {

/// The words of the command language (command protocol, section 3).
enum class Verb {
    bind,
    brun,
    bcull,
    bstop,
    frun,
    fcull,
    fstop,
    dir,
    tag,
    secctx,
    debug,
    cull,
    inuse,
    copen,   ///< on-demand builds only
    restore, ///< on-demand builds only
};

/// How the driver was configured (CONFIG_CACHEFILES_ONDEMAND): Debian's is plain.
enum class DriverBuild { plain, on_demand };

[[nodiscard]] std::string_view verb_name(Verb verb);

/// Nothing for a word that this build does not know. Case matters.
[[nodiscard]] std::optional<Verb> parse_verb(std::string_view word, DriverBuild build);

} // namespace cachefiles::protocol
