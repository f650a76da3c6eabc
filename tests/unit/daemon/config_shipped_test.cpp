// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/schema.hpp"
#include "daemon/config/text_file.hpp"
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

std::string shipped() {
    return read_text_file(CACHEFILESD_SOURCE "/etc/cachefilesd.yaml").value();
}

/// With the "#" before keys taken away: those that are not followed by a blank.
std::string uncommented(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t hash = line.find_first_not_of(' ');
        if (hash != std::string::npos && line[hash] == '#' && hash + 1 < line.size() &&
            line[hash + 1] != ' ')
            line.erase(hash, 1);
        result += line + '\n';
    }
    return result;
}

/// The example in the comments: the lines that begin with "#   ".
std::string example(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#   "))
            result += line.substr(4) + '\n';
    }
    return result;
}

} // namespace

TEST_CASE("the shipped file: changes nothing as it is") {
    const Draft draft = yaml(shipped());
    CHECK(joined(draft.errors()) == "");
    CHECK(draft.config() == Config());
    CHECK(draft.origins().values.empty());
}

TEST_CASE("the shipped file: has every key, at its default") {
    const SourceText source = read_yaml(uncommented(shipped()), "f");
    const Draft draft = drafted(source);
    CHECK(joined(draft.errors()) == "");
    CHECK(draft.config() == Config());
    std::set<std::string> found;
    for (const Entry& entry : source.entries) {
        if (entry.kind == Entry::Kind::scalar)
            found.insert(entry.path);
    }
    std::set<std::string> known;
    for (const Key& key : keys()) {
        known.emplace(key.path);
        CHECK_MESSAGE(draft.origins().of(key.path).source == "f", key.path);
    }
    CHECK(found == known);
}

TEST_CASE("the shipped file: its example works and has every key of a rule") {
    const std::string text = example(shipped());
    const Draft draft = yaml(text);
    CHECK(joined(draft.errors()) == "");
    CHECK(draft.config().limits.volumes.size() == 2);
    for (const VolumeKey& key : volume_keys())
        CHECK_MESSAGE(text.find(std::string(key.name) + ":") != std::string::npos, key.name);
}
