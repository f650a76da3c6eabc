// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/tree_place.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::daemon;

TEST_CASE("a path in the cache says what the directory is") {
    CHECK(tree_place("")->place == Place::cache);
    CHECK(tree_place("Infs,4.2")->place == Place::volume);
    CHECK(tree_place("Infs,4.2")->volume == "nfs,4.2");
    const auto fanout = tree_place("Iv/@1f");
    REQUIRE(fanout);
    CHECK(fanout->place == Place::fanout);
    CHECK(fanout->volume == "v");
    CHECK(fanout->fanout == 0x1f);
}

TEST_CASE("what the driver does not make is no place of the cache") {
    for (const char* path : {"lost+found", "I", "Iv/@1", "Iv/@1F", "Iv/x", "Iv/@1f/deeper", "Iv/",
                             "@1f", "Iv (deleted)/@1f (deleted)"})
        CHECK_MESSAGE(!tree_place(path), path);
}
