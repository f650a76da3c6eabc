// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/validation.hpp"
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::tests;

TEST_CASE("validation: the watermarks of each window are in order") {
    CHECK(yaml_errors("limits: {bstop: 8%, bcull: 9%, brun: 10%}\n") == "");
    CHECK(yaml_errors("limits: {brun: 3%, bcull: 2%}\n") == "");
    CHECK(yaml_errors("limits: {bcull: 7%}\n") ==
          "f:1:17: limits.bcull: 7%: must be less than limits.brun (7%, default)\n");
    CHECK(yaml_errors("limits: {brun: 5%}\n") ==
          "f:1:16: limits.brun: 5%: must be more than limits.bcull (5%, default)\n");
    CHECK(yaml_errors("limits: {fstop: 20%, fcull: 20%, frun: 10%}\n") ==
          "f:1:17: limits.fstop: 20%: must be less than limits.fcull (20%)\n"
          "f:1:29: limits.fcull: 20%: must be less than limits.frun (10%)\n");
    CHECK(yaml_errors("limits: {brun: 99%, bcull: 98%, bstop: 97%}\n") == "");
}

TEST_CASE("validation: min-age is less than every max-age") {
    CHECK(yaml_errors("limits: {min-age: 1d, max-age: 25h}\n") == "");
    CHECK(yaml_errors("limits: {min-age: 1d}\n") == "");
    CHECK(yaml_errors("limits: {min-age: 1d, max-age: 24h}\n") ==
          "f:1:19: limits.min-age: 1d: must be less than limits.max-age (1d)\n");
    CHECK(yaml_errors("limits: {min-age: 1d}\nvolumes: [{match: x}, {match: y, max-age: 1h}]\n") ==
          "f:2:43: volumes[1].max-age: 1h: must be more than limits.min-age (1d)\n");
}

TEST_CASE("validation: the index is not inside the cache") {
    CHECK(yaml_errors("cache: {directory: /var/cache}\nindex: {directory: /var/cache2}\n") == "");
    CHECK(yaml_errors("cache: {directory: /var/cache/x}\nindex: {directory: /var/cache}\n") == "");
    CHECK(yaml_errors("cache: {directory: /c}\nindex: {directory: /c/../i}\n") == "");
    for (const char* inside : {"/c", "/c/", "/c/i", "/x/../c/i", "//c//i", "/c/./i"}) {
        CAPTURE(inside);
        CHECK(yaml_errors("cache: {directory: /c/}\nindex: {directory: " + std::string(inside) +
                          "}\n") == "f:2:20: index.directory: " + std::string(inside) +
                                        ": must not be inside cache.directory (/c/)\n");
    }
    CHECK(yaml_errors("cache: {directory: /var/lib}\n") ==
          "f:1:20: cache.directory: /var/lib: must not hold index.directory "
          "(/var/lib/cachefilesd, default)\n");
    CHECK(legacy_errors("dir /\n") == "f:1:5: dir: /: must not hold index.directory "
                                      "(/var/lib/cachefilesd, default)\n");
}

TEST_CASE("validation: the socket's path fits into an address") {
    CHECK(yaml_errors("user: {socket: /" + std::string(106, 'x') + "}\n") == "");
    CHECK(yaml_errors("user: {socket: /" + std::string(107, 'x') + "}\n")
              .ends_with("must not be longer than 107 bytes\n"));
}

TEST_CASE("validation: the collector takes no other name than *.prom") {
    CHECK(yaml_errors("metrics: {textfile: /run/a.prom}\n") == "");
    CHECK(yaml_errors("metrics: {textfile: /run/a.txt}\n") ==
          "f:1:21: metrics.textfile: /run/a.txt: must have a name that ends in .prom\n");
    CHECK(yaml_errors("metrics: {textfile: /run/.prom}\n")
              .ends_with("must have a name that ends in .prom\n"));
}
