// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/verb.hpp"

#include <array>
#include <cstddef>

namespace cachefiles::protocol {
namespace {

// In the order of Verb.
constexpr std::array<std::string_view, 15> names{"bind",  "brun",  "bcull", "bstop", "frun",
                                                 "fcull", "fstop", "dir",   "tag",   "secctx",
                                                 "debug", "cull",  "inuse", "copen", "restore"};

} // namespace

std::string_view verb_name(Verb verb) {
    return names[static_cast<std::size_t>(verb)];
}

std::optional<Verb> parse_verb(std::string_view word, DriverBuild build) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != word)
            continue;
        const Verb verb = static_cast<Verb>(i);
        const bool needs_on_demand = verb == Verb::copen || verb == Verb::restore;
        if (needs_on_demand && build == DriverBuild::plain)
            return std::nullopt;
        return verb;
    }
    return std::nullopt;
}

} // namespace cachefiles::protocol
