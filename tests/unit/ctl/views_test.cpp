// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/failure.hpp"
#include "ctl/job_watch.hpp"
#include "ctl/object_name.hpp"
#include "ctl/removal.hpp"
#include "ctl/view/ages_view.hpp"
#include "ctl/view/content_map.hpp"
#include "ctl/view/limits_view.hpp"
#include "tests/unit/ctl/sample_snapshot.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::ctl;

TEST_CASE("ages: a histogram, and what each limit keeps") {
    constexpr std::uint64_t gib = 1ULL << 30;
    CacheValues cache = sample_snapshot().caches.front();
    cache.limits.max_size = 30 * gib;
    cache.limits.max_files = 1000;
    const AgeTable table({3600, 86400, 7 * 86400},
                         {{100, 10 * gib}, {200, 40 * gib}, {50, 0}, {650, 50 * gib}});
    CHECK(table.objects() == 1000);
    CHECK(table.bytes() == 100 * gib);
    CHECK(*table.reaching_bytes(30 * gib)->within == 86400);
    CHECK(table.reaching_bytes(101 * gib) == nullptr);
    CHECK(!table.reaching_objects(1000)->within);
    CHECK(ages_view(table, cache, {}) ==
          R"(LAST USED   OBJECTS      SIZE  SHARE                A MAX-AGE OF IT KEEPS
within 1h       100  10.0 GiB    10%  ##                    10.0 GiB  10%
within 1d       200  40.0 GiB    40%  ##########            50.0 GiB  50%
within 7d        50       0 B     0%                        50.0 GiB  50%
longer ago      650  50.0 GiB    50%  ############

half of the bytes was used within 1d
max-size 30.0 GiB: keeps about what was used within 1d
max-files 1,000: keeps nearly all that is there
max-age 90d: keeps what was used within 90d
)");
    const Json json = ages_json(table, cache);
    CHECK(json["keeps"]["max_size"] == 86400);
    CHECK(json["keeps"]["max_files"] == nullptr);
    CHECK(json["ages"][1]["kept_bytes"] == 50 * gib);
}

TEST_CASE("ages of nothing") {
    const AgeTable table({3600}, {{0, 0}, {0, 0}});
    CHECK(table.reaching_bytes(0) == nullptr);
    CHECK(ages_view(table, CacheValues(), {}).find("half") == std::string::npos);
}

TEST_CASE("a content map is drawn block by block, or several in a place") {
    const ContentMap map(std::string_view("\x0f\x80\x01\x00", 4));
    CHECK(map.size() == 17);
    CHECK(map.present() == 6);
    CHECK(map.ranges() == std::vector<std::pair<std::size_t, std::size_t>>{{0, 4}, {15, 2}});
    CHECK(map.text(4, {false, false, 8, 24}) == "####....\n.......#\n#\n");
    CHECK(map.text(1, {false, false, 6, 24}) == "#+...#\n"); // three in a place
    CHECK(map.text(1, {false, true, 6, 24}) == "█▒░░░█\n");
    CHECK(ContentMap("").text(4, {}).empty());
    CHECK(ContentMap(std::string_view("\0\0", 2)).size() == 0);
}

TEST_CASE("objects have numbers, names and paths") {
    CHECK(read_object_name("12").name == "#12");
    CHECK(read_object_name("#-12").name == "#-12");
    const ObjectName plain = read_object_name("nfs,4.2/Dname");
    CHECK(plain.volume == "nfs,4.2");
    CHECK(plain.name == "Dname");
    const ObjectName path = read_object_name("/var/cache/fscache/cache/Infs,4.2/@7f/Dna\\xffme");
    CHECK(path.volume == "nfs,4.2");
    CHECK(path.name == "Dna\xffme");
    CHECK(read_object_name("I/D").volume == "I"); // no path: no fan-out directory
    for (const char* const wrong : {"", "name", "a/", "/name", "v/na\\me"})
        CHECK_THROWS_AS((void)read_object_name(wrong), Failure);
}

TEST_CASE("a job's progress and its end") {
    JobValues job;
    job.state = "running";
    job.progress = 4500;
    job.objects = 1200;
    job.bytes = 3 << 20;
    job.busy = 5;
    CHECK(progress_view(job, {false, false, 50, 24}) == "[####----]  45%  1,200 objects, 3.0 MiB");
    CHECK(progress_view(job, {false, false, 20, 24}) == "[####----]  45%  1~");
    job.state = "done";
    CHECK(removal_view(job, false) == "Removed 1,200 objects, 3.0 MiB; 5 in use stay.\n");
    job.busy = 0;
    job.objects = 1;
    CHECK(removal_view(job, true) == "Would remove 1 object, 3.0 MiB.\n");
    job.state = "canceled";
    CHECK(removal_view(job, false) == "Canceled: Removed 1 object, 3.0 MiB until then.\n");
}

TEST_CASE("limits, and how full the cache is by each") {
    const std::string text = limits_view(sample_snapshot().caches.front(), {});
    CHECK(text.starts_with("LIMIT        VALUE  USED\n"
                           "max-size   1.0 TiB  [#############-------]  62%  640.0 GiB of 1.0 TiB\n"
                           "max-files     none\n"));
    CHECK(text.find("\nbcull           5%  [###########---------]  52%") != std::string::npos);
}
