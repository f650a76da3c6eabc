// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/census.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

// As Linux 6.1 prints them (fscache-model section 10): volume 2 is ours, volume 3 another cache's.
constexpr const char* volumes = "VOLUME   REF   nCOOK ACC FL CACHE           KEY\n"
                                "======== ===== ===== === == =============== ================\n"
                                "00000002     3     2   1 00 long-tag-of-a-c erofs,test\n"
                                "00000003     1     1   1 00 other           erofs,test\n";

// Keys test.img and x of volume 2 (x is idle), x of volume 3.
constexpr const char* cookies = "COOKIE   VOLUME   REF ACT ACC S FL DEF\n"
                                "======== ======== === === === = == ================\n"
                                "00000002 00000002   2   1   0 A 4124 746573742e696d67\n"
                                "00000003 00000002   1   0   0 - 402c 78, aabb\n"
                                "00000004 00000003   2   1   0 A 4124 78\n";

} // namespace

TEST_CASE("the kernel's lists say which objects of the index are in use") {
    SampleCache cache;
    std::ofstream(cache.root() / "volumes") << volumes;
    std::ofstream(cache.root() / "cookies") << cookies;
    const index::VolumeId volume = cache.index->add_volume("erofs,test");
    const index::VolumeId unmounted = cache.index->add_volume("unmounted");
    const index::ObjectId used = cache.index->put({volume, 0x73}, "Dtest.img", {});
    cache.index->put({volume, 0xf9}, "Dx", {});
    cache.index->put({unmounted, 0x73}, "Dtest.img", {});

    Census census("long-tag-of-a-cache", cache.root());
    CHECK(census.volumes_in_use(*cache.index) == std::vector<index::VolumeId>{volume});
    CHECK(census.objects_in_use(*cache.index) == std::vector<index::ObjectId>{used});
}

TEST_CASE("without the kernel's lists nothing is claimed") {
    SampleCache cache;
    Census census("tag", cache.root() / "nowhere");
    CHECK_FALSE(census.volumes_in_use(*cache.index));
    CHECK_FALSE(census.objects_in_use(*cache.index));
}
