// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cachefiles::conformance {

/// A line of a case: one operation.
struct Step {
    std::string text; ///< as it stands there
    std::vector<std::string> words;
    std::string place; ///< "FILE:LINE"
};

struct Case {
    std::string name;
    std::vector<Step> steps;
};

/// tests/conformance/README.md has the language. Errors: ScriptError, SystemError.
[[nodiscard]] std::vector<Case> read_cases(const std::filesystem::path& path);

} // namespace cachefiles::conformance
