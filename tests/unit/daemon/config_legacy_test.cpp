// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

std::string legacy_notices(std::string_view text) {
    return joined(read_legacy(text, "f").notices);
}

} // namespace

TEST_CASE("stock: every key") {
    const Draft draft = legacy("# a comment\n"
                               "\n"
                               "dir /var/cache/nfs\n"
                               "tag my cache\n"
                               "secctx system_u:system_r:cachefiles_kernel_t:s0\n"
                               "brun 10%\nbcull 8%\nbstop 3%\n"
                               "frun 20%\nfcull 18%\nfstop 13%\n"
                               "debug 0x5\n");
    CHECK(joined(draft.errors()) == "");
    Config expected;
    expected.cache.directory = "/var/cache/nfs";
    expected.cache.tag = "my cache";
    expected.cache.security_context = "system_u:system_r:cachefiles_kernel_t:s0";
    expected.cache.kernel_debug = 5;
    expected.limits.watermarks.blocks = {.run = 10, .cull = 8, .stop = 3};
    expected.limits.watermarks.files = {.run = 20, .cull = 18, .stop = 13};
    CHECK(draft.config() == expected);
    CHECK(draft.origins().of("limits.bcull").text() == "f:7");
    CHECK(draft.origins().of("limits.bcull").name == "bcull");
    CHECK(draft.origins().of("limits.max-size").text() == "default");
}

TEST_CASE("stock: an empty file is all defaults") {
    for (const char* text : {"", "\n", "#dir /x\n", "  # dir /x\n", "\xef\xbb\xbf"}) {
        CAPTURE(text);
        CHECK(joined(legacy(text).errors()) == "");
        CHECK(legacy(text).config() == Config());
    }
}

TEST_CASE("stock: what the stock daemon stumbles over") {
    CHECK(legacy("nocull\n").config().culling.enabled == false);
    CHECK(legacy("\tdir /x\n").config().cache.directory == "/x");
    CHECK(legacy("  dir\t /x  \t\r\n").config().cache.directory == "/x");
    CHECK(legacy("dir /x").config().cache.directory == "/x"); // without a last newline
    CHECK(legacy("bstop 8%\r\nbcull 9%\r\nbrun 10\r\n").errors().empty());
    CHECK(legacy("brun 4%\nbcull 3%\n").config().limits.watermarks.blocks.run == 4); // downwards
    CHECK(legacy("bcull 40%\nbrun 50%\n").config().limits.watermarks.blocks.cull == 40); // upwards
    CHECK(legacy("debug\n").config().cache.kernel_debug == 0); // as the driver
}

TEST_CASE("stock: keys without effect are checked, and said to be so") {
    CHECK(legacy_notices("culltable 12\n") ==
          "f:1:1: culltable: has no effect; there is no cull table any more\n");
    CHECK(legacy_notices("culltable 20 \r\nculltable 014\n") ==
          "f:1:1: culltable: has no effect; there is no cull table any more\n"
          "f:2:1: culltable: replaces what line 1 says\n"
          "f:2:1: culltable: has no effect; there is no cull table any more\n");
    for (const char* value : {"", "11", "21", "x", "12x", "-12", "120"}) {
        CAPTURE(value);
        CHECK(legacy_errors(std::string("culltable ") + value + "\n").starts_with("f:1:"));
    }
    CHECK(legacy_errors("culltable 21\n") ==
          "f:1:11: culltable: 21: must be a number from 12 to 20\n");

    for (const char* value : {"- -", "5 5", "-\t100", "0 -"}) {
        CAPTURE(value);
        const std::string line = std::string("resume_thresholds ") + value + "\n";
        CHECK(legacy_errors(line) == "");
        CHECK(legacy_notices(line) == "f:1:1: resume_thresholds: has no effect; nothing is scanned "
                                      "that had to be resumed\n");
    }
    CHECK(legacy_errors("resume_thresholds 5\n") ==
          "f:1:19: resume_thresholds: 5: must be two numbers, blocks and files (- for none)\n");
    CHECK(legacy_errors("resume_thresholds a b\n").starts_with("f:1:19:"));
    CHECK(legacy_errors("resume_thresholds 1 2 3\n").starts_with("f:1:19:"));
}

TEST_CASE("stock: repeated keys") {
    CHECK(legacy_errors("dir /a\ndir /a\n") == "f:2:1: dir: is given twice; first in line 1\n");
    CHECK(legacy_errors("tag a\ntag b\n") == "f:2:1: tag: is given twice; first in line 1\n");
    CHECK(legacy_errors("secctx a\nsecctx b\n") ==
          "f:2:1: secctx: is given twice; first in line 1\n");
    // which the driver takes: the last one counts
    CHECK(legacy("brun 20%\nbrun 30%\n").config().limits.watermarks.blocks.run == 30);
    CHECK(legacy_notices("brun 20%\nbrun 30%\n") == "f:2:1: brun: replaces what line 1 says\n");
}

TEST_CASE("stock: errors, all of them, under the names of the file") {
    CHECK(legacy_errors("bind\n") ==
          "f:1:1: bind: is not for this file; the daemon itself binds the cache\n");
    CHECK(legacy_errors("bind ondemand\n").starts_with("f:1:1: bind: is not for this file"));
    CHECK(legacy_errors("  dri /x\n") == "f:1:3: dri: unknown key; did you mean dir?\n");
    CHECK(legacy_errors("cull x\n") == "f:1:1: cull: unknown key; did you mean bcull?\n");
    CHECK(legacy_errors("frobnicate\n") == "f:1:1: frobnicate: unknown key\n");
    CHECK(legacy_errors("cache:\n") ==
          "f:1:1: cache:: unknown key (YAML is read from a file named *.yaml)\n");
    CHECK(legacy_errors("dir\n") == "f:1:4: dir: has no value; give PATH\n");
    CHECK(legacy_errors("dir cache\n") == "f:1:5: dir: cache: must be an absolute path\n");
    CHECK(legacy_errors("nocull yes\n") == "f:1:8: nocull: yes: takes no value\n");
    CHECK(legacy_errors("debug 08\n") ==
          "f:1:7: debug: 08: must be a number such as 7 or 0x7, or none\n");
    CHECK(legacy_errors("brun 10 %\nbcull 120%\nbstop x\n") ==
          "f:1:6: brun: 10 %: must be a whole percentage from 0% to 99%\n"
          "f:2:7: bcull: 120%: must be a whole percentage from 0% to 99%\n"
          "f:3:7: bstop: x: must be a whole percentage from 0% to 99%\n");
    CHECK(legacy_errors("brun 4%\n") ==
          "f:1:6: brun: 4%: must be more than limits.bcull (5%, default)\n");
    CHECK(legacy_errors("brun 10%\nbcull 12%\n") ==
          "f:2:7: bcull: 12%: must be less than brun (10%)\n");
}

TEST_CASE("stock: NUL bytes and lines of a page are refused") {
    CHECK(legacy_errors(std::string_view("dir /x\ntag a\0b\n", 14)) == "f:2:6: has a NUL byte\n");
    const std::string fits = "dir /" + std::string(4086 - 1, 'x') + "    \n";
    CHECK(fits.size() - 1 == 4094);
    CHECK(legacy_errors(fits) == "");
    CHECK(legacy_errors("#" + std::string(4094, ' ') + "\n") == "");
    CHECK(legacy_errors("\n#" + std::string(4095, ' ') + "\n") ==
          "f:2:1: is longer than 4095 bytes\n");
    CHECK(legacy_errors("dir /" + std::string(4086, 'x'))
              .ends_with("must not be longer than 4086 bytes\n"));
}
