// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

TEST_CASE("YAML becomes entries with their places") {
    const SourceText source = read_yaml("limits:\n"
                                        "  brun: 20%\n"
                                        "  max-size:\n"
                                        "volumes:\n"
                                        "- {match: \"a b\", pin: yes}\n"
                                        "- match: 'c'\n",
                                        "f");
    CHECK(source.complete);
    CHECK(source.errors.empty());
    using Kind = Entry::Kind;
    struct Expected {
        const char* path;
        Kind kind;
        const char* text;
        Position value, key;
    };
    const Expected expected[]{
        {"limits", Kind::mapping, "", {2, 3}, {1, 1}},
        {"limits.brun", Kind::scalar, "20%", {2, 9}, {2, 3}},
        {"limits.max-size", Kind::null, "", {3, 3}, {3, 3}},
        {"volumes", Kind::list, "", {5, 1}, {4, 1}},
        {"volumes[0]", Kind::mapping, "", {5, 3}, {5, 3}},
        {"volumes[0].match", Kind::scalar, "a b", {5, 11}, {5, 4}},
        {"volumes[0].pin", Kind::scalar, "yes", {5, 23}, {5, 18}},
        {"volumes[1]", Kind::mapping, "", {6, 3}, {6, 3}},
        {"volumes[1].match", Kind::scalar, "c", {6, 10}, {6, 3}},
    };
    REQUIRE(source.entries.size() == std::size(expected));
    for (std::size_t i = 0; i < source.entries.size(); ++i) {
        const Entry& entry = source.entries[i];
        CAPTURE(entry.path);
        CHECK(entry.path == expected[i].path);
        CHECK(entry.kind == expected[i].kind);
        CHECK(entry.text == expected[i].text);
        CHECK(entry.origin.source == "f");
        CHECK(entry.origin.at.line == expected[i].value.line);
        CHECK(entry.origin.at.column == expected[i].value.column);
        CHECK(entry.key.line == expected[i].key.line);
        CHECK(entry.key.column == expected[i].key.column);
    }
}

TEST_CASE("a file without values says nothing") {
    for (const char* text : {"", "\n", "# only this\n", "---\n", "---\n...\n", "~\n", "{}\n",
                             "limits:\n", "volumes:\n", "limits: {}\n", "%YAML 1.2\n---\n",
                             "\xef\xbb\xbf# a byte order mark\r\n"}) {
        CAPTURE(text);
        const Draft draft = yaml(text);
        CHECK(joined(draft.errors()) == "");
        CHECK(draft.config() == Config());
    }
}

TEST_CASE("scalars are text, whatever YAML thinks they are") {
    CHECK(yaml("cache: {tag: 0x10}\n").config().cache.tag == "0x10");
    CHECK(yaml("cache: {tag: yes}\n").config().cache.tag == "yes");
    CHECK(yaml("cache: {tag: 1e3}\n").config().cache.tag == "1e3");
    CHECK(yaml("cache: {tag: \"null\"}\n").config().cache.tag == "null");
    CHECK(yaml("cache: {tag: &anchor x}\n").config().cache.tag == "x");
    CHECK(yaml("cache:\n  tag: >-\n    two\n    words\n").config().cache.tag == "two words");
    // octal to YAML 1.1, so it is nothing at all here
    CHECK(yaml_errors("limits: {max-files: 0644}\n") ==
          "f:1:21: limits.max-files: 0644: must be a whole number, at least 1, or none\n");
    CHECK(yaml_errors("limits: {max-files: 1e3}\n") ==
          "f:1:21: limits.max-files: 1e3: must be a whole number, at least 1, or none\n");
}

TEST_CASE("a key that is given twice is an error") {
    CHECK(yaml_errors("limits:\n  brun: 8%\n  brun: 9%\n") ==
          "f:3:3: limits.brun: is given twice; first in line 2\n");
    CHECK(yaml_errors("limits: {}\ncache: {}\nlimits: {}\n") ==
          "f:3:1: limits: is given twice; first in line 1\n");
    CHECK(yaml_errors("volumes:\n- match: x\n  match: y\n") ==
          "f:3:3: volumes[0].match: is given twice; first in line 2\n");
}

TEST_CASE("what YAML can do beyond mappings, lists and scalars is refused") {
    CHECK(yaml_errors("cache: &c {tag: x}\nlimits: *c\n") ==
          "f:2:9: aliases (*) are not supported\n");
    CHECK(yaml_errors("cache: &c {tag: x}\nlimits:\n  <<: *c\n") ==
          "f:3:3: merge keys (<<) are not supported\n"
          "f:3:7: aliases (*) are not supported\n");
    CHECK(yaml_errors("cache: {tag: !!str x}\n") == "f:1:14: tags (!) are not supported\n");
    CHECK(yaml_errors("cache: {}\n---\nlimits: {}\n") ==
          "f:2:1: a second document, or text behind the first one\n");
    CHECK(yaml_errors("? [a, b]\n: c\n") == "f:1:3: a key is a word of letters, digits, - and _\n");
    CHECK(yaml_errors("\"limits.brun\": 8%\n") ==
          "f:1:1: limits.brun: a key is a word of letters, digits, - and _\n");
    CHECK(yaml_errors("\"volumes[0]\": 8%\n") ==
          "f:1:1: volumes[0]: a key is a word of letters, digits, - and _\n");
    CHECK(yaml_errors("~: 8%\n") == "f:1:1: \"\": a key is a word of letters, digits, - and _\n");
}

TEST_CASE("what is no YAML is one error at its place") {
    CHECK(yaml_errors("limits: {brun: 8%\n") == "f:2:1: end of map flow not found\n");
    CHECK(yaml_errors("limits:\n\tbrun: 8%\n") ==
          "f:2:6: illegal map value (YAML is not indented by tabs)\n");
    CHECK(yaml_errors("cache: {}\n]\n") == "f:2:1: illegal flow end\n");
    // what stands before it may be misread: not judged
    CHECK(yaml_errors("no-such-key: 1\n]\n") == "f:2:1: illegal flow end\n");
}

TEST_CASE("a file that is not for YAML is refused") {
    CHECK(yaml_errors("dir /var/cache/fscache\ntag x\n") ==
          "f:1:1: the top level must be a mapping (`key: value` lines); a file in the format of "
          "cachefilesd.conf must not be named *.yaml\n");
    CHECK(yaml_errors("- a\n- b\n") == "f:1:1: the top level must be a mapping, not a list\n");
    CHECK(yaml_errors("[" + std::string(200'000, '[')).ends_with("nested too deeply\n"));
    // to yaml-cpp the end of the file
    CHECK(yaml_errors("cache:\n  tag: a\x04\n  no-such-key: b\n") ==
          "f:2:9: has a control character (0x04)\n");
    CHECK(yaml_errors(std::string_view("cache: {}\0", 10)) ==
          "f:1:10: has a control character (0x00)\n");
    CHECK(yaml_errors("\xff\xfe"
                      "a") == "f:1:1: must be UTF-8, not UTF-16\n");
}
