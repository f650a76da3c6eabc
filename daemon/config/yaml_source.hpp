// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/entry.hpp"

#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// Reads one YAML document: mappings, lists and scalars, whose text is not interpreted here (0644
/// stays "0644"). `file` is the name for messages. Nothing is thrown.
///
/// Errors: what is no YAML; a key given twice; a key that is not a word of letters, digits, "-" and
/// "_"; aliases, merge keys and explicit tags; a second document; more than 8 levels; control
/// characters; a top level that is not a mapping. An empty document has no entries.
[[nodiscard]] SourceText read_yaml(std::string_view text, const std::string& file);

} // namespace cachefiles::daemon
