// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/object_checker.hpp"
#include "daemon/tree/reconciler.hpp"
#include "protocol/xattr.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <sys/xattr.h>

#include <algorithm>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

TEST_CASE("objects that the driver refuses for ever are found") {
    SampleCache cache;
    const std::string volume = "9p,;dev,tag"; // its coherency data has 4 bytes
    const auto good = cache.add(volume, "good", 1'000'000);
    if (getxattr(good.c_str(), protocol::xattr_name, nullptr, 0) < 0) {
        MESSAGE("skipped: no user xattrs in the temporary directory");
        return;
    }
    const auto bare = cache.add(volume, "bare", 1'000'000);
    removexattr(bare.c_str(), protocol::xattr_name);
    const auto longer = cache.add(volume, "longer", 1'000'000);
    const std::string value(100, '\1');
    setxattr(longer.c_str(), protocol::xattr_name, value.data(), value.size(), 0);
    const auto misplaced = cache.add(volume, "misplaced", 1'000'000);
    std::filesystem::rename(misplaced, good.parent_path() / "Dmisplaced");
    std::filesystem::copy_file(good, good.parent_path() / "S00"); // no encoder writes a leading 0
    // The user backend's, which the driver never looks up: no business of the checker.
    std::filesystem::copy_file(good, good.parent_path() / "Ex0123456789abcdef01");

    Reconciler reconciler({*cache.tree, *cache.index, cache.clock, cache.log, 1});
    REQUIRE(reconciler.run([] { return true; }).objects_read == 6);
    ObjectChecker checker(*cache.tree, *cache.index);
    std::vector<index::Object> found;
    int steps = 0;
    while (checker.step(found))
        REQUIRE(++steps <= 256);
    std::vector<std::string> names;
    for (const index::Object& object : found)
        names.push_back(object.name);
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"Dbare", "Dlonger", "Dmisplaced", "S00"});
    CHECK_FALSE(checker.step(found)); // every directory once
}
