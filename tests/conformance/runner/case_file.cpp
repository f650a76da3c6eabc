// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/case_file.hpp"

#include "base/error.hpp"
#include "tests/conformance/runner/text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

namespace cachefiles::conformance {

std::vector<Case> read_cases(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file)
        throw SystemError("open " + path.string());
    std::vector<Case> cases;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        const std::string place = fmt::format("{}:{}", path.filename().string(), number);
        std::vector<std::string> words;
        try {
            words = split_words(line);
        } catch (const ScriptError& error) {
            throw ScriptError(place + ": " + error.what());
        }
        if (words.empty())
            continue;
        if (words[0] == "case") {
            if (words.size() != 2)
                throw ScriptError(place + ": a case has a name of one word");
            cases.push_back({.name = words[1], .steps = {}});
            continue;
        }
        if (cases.empty())
            throw ScriptError(place + ": stands before the first case");
        const std::string text = line.substr(line.find_first_not_of(" \t"));
        cases.back().steps.push_back({.text = text, .words = std::move(words), .place = place});
    }
    return cases;
}

} // namespace cachefiles::conformance
