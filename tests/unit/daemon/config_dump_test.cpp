// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/dump.hpp"
#include "daemon/config/schema.hpp"
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

TEST_CASE("dump: every value with its origin") {
    const Draft draft = yaml("cache: {directory: \"/srv/the cache\", tag: \"null\"}\n"
                             "limits: {max-size: 1.5T, min-age: 1h30min}\n"
                             "volumes:\n"
                             "- match: \"nfs,*\"\n"
                             "  pin: yes\n"
                             "- {match: b, max-age: 1y}\n");
    CHECK(joined(draft.errors()) == "");
    const std::string text = dump(draft.config(), draft.origins());
    CHECK(text.starts_with("cache:\n"
                           "  directory: \"/srv/the cache\"           # f:1\n"
                           "  tag: \"null\"                           # f:1\n"
                           "  security-context: none                # default\n"
                           "  device: /dev/cachefiles               # default\n"
                           "  kernel-debug: none                    # default\n"
                           "  extent-size: none                     # default\n"
                           "\n"
                           "limits:\n"
                           "  brun: 7%                              # default\n"));
    CHECK(text.find("  max-size: 1536GiB                     # f:2\n") != std::string::npos);
    CHECK(text.ends_with("\nvolumes:\n"
                         "  - match: \"nfs,*\"                      # f:4\n"
                         "    pin: true                           # f:5\n"
                         "  - match: b                            # f:6\n"
                         "    max-age: 365d                       # f:6\n"));
}

TEST_CASE("dump: can be read, and says the same") {
    for (const char* text :
         {"", "limits: {max-size: 1G}\nculling: {enabled: no}\n", "cache: {tag: \"~\"}\n",
          "cache: {tag: \"a # b: c\"}\n", "cache: {tag: \"#\"}\n",
          "cache: {tag: \"\\\"\\\\\\t\\r\\x7f\\x04\"}\n", "cache: {tag: \"- x\"}\n",
          "cache: {tag: \"&x\"}\n", "cache: {tag: \"*x\"}\n", "cache: {tag: \"none\"}\n",
          "cache: {tag: \"x \"}\n", "cache: {tag: \"\\xe4\\u2028\\x85\"}\n",
          "cache: {tag: \xff\xc3}\n", "cache: {security-context: \"u:r:t:s0-s0:c0.c1023\"}\n",
          "cache: {directory: \"/a: b #c\", kernel-debug: 0}\n",
          "volumes: [{match: \"[!a]*\", max-files: 1}, {match: \"*\"}, {match: \"{x}\", pin: "
          "on}]\n"}) {
        CAPTURE(std::string(text));
        const Draft draft = yaml(text);
        CHECK(joined(draft.errors()) == "");
        const std::string dumped = dump(draft.config(), draft.origins());
        CAPTURE(dumped);
        const Draft again = yaml(dumped);
        CHECK(joined(again.errors()) == "");
        CHECK(again.config() == draft.config());
    }
}

TEST_CASE("dump: the name of a file cannot break out of its comment") {
    const Draft draft = drafted(read_yaml("cache: {tag: x}\n", "a\nlimits:"));
    const std::string text = dump(draft.config(), draft.origins());
    CHECK(text.find("# a\\x0alimits::1\n") != std::string::npos);
    CHECK(yaml(text).config() == draft.config());
}
