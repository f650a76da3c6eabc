// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/entry.hpp"

#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// Reads the format of stock's /etc/cachefilesd.conf (cachefilesd.conf(5)): "KEY VALUE" lines and
/// `#` lines. `file` is the name for messages.
///
/// Everything that stock documents is accepted, also what it documents but fails at: nocull,
/// resume_thresholds, limits in any order, leading blanks, trailing blanks and CRs, a last line
/// without newline, a percentage without "%". culltable and resume_thresholds are checked and have
/// no effect (a notice). Refused: NUL bytes, lines of a page or more, `bind`, a second dir, tag or
/// secctx, and every other word, which stock would have passed on to the driver.
///
/// A directory whose name ends in a blank can be given in YAML only.
[[nodiscard]] SourceText read_legacy(std::string_view text, const std::string& file);

} // namespace cachefiles::daemon
