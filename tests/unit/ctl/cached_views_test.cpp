// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/cached_view.hpp"
#include "ctl/view/capacity.hpp"
#include "ctl/view/warm_view.hpp"
#include "tests/unit/ctl/sample_snapshot.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::ctl;

namespace {

constexpr std::uint64_t gib = 1ULL << 30;
constexpr Style narrow{false, false, 60, 24};

TreeSum sample_sum() {
    TreeSum sum;
    sum.add(CachedShare{gib, 4 * gib});
    sum.add(CachedShare{0, 3 * gib});
    sum.add(CachedShare{gib, gib});
    return sum;
}

} // namespace

TEST_CASE("cached: a tree") {
    CachedTree tree{"/mnt/a\n", {"me@host:/a", true}, sample_sum(), 0, 0};
    CHECK(cached_view(tree, narrow) == "Tree      /mnt/a\\x0a\n"
                                       "Source    me@host:/a\n"
                                       "Cached    [######------------------] 25% of 8.0 GiB\n"
                                       "          2.0 GiB of 8.0 GiB\n"
                                       "Files     3: 1 whole, 1 in part, 1 not at all\n");
    tree.unreadable = 1200;
    tree.other_mounts = 1;
    tree.mount.online = false;
    const std::string text = cached_view(tree, narrow);
    CHECK(text.find("State     the mount has no cache at this moment\n") != std::string::npos);
    CHECK(text.ends_with("Left out  1,200 that cannot be read, 1 other mount\n"));
    CHECK(cached_json(tree)["cached_bytes"] == 2 * gib);
    CHECK(cached_json(CachedFile{"/a\xff", {1, 2}}).dump() ==
          R"({"path":"/a\\xff","bytes":2,"cached_bytes":1})");
}

TEST_CASE("cached: files") {
    const std::vector<CachedFile> files{{"/mnt/a", {0, 2048}}, {"/mnt/b", {1024, 1024}}};
    CHECK(cached_files_view(files, true, narrow) == " CACHED     SIZE  SHARE  FILE\n"
                                                    "    0 B  2.0 KiB     0%  /mnt/a\n"
                                                    "1.0 KiB  1.0 KiB   100%  /mnt/b\n");
}

TEST_CASE("warm: how far it came, and what came of it") {
    WarmValues values;
    values.found = sample_sum();
    values.count.files = 1;
    values.count.bytes = 3 * gib;
    values.seconds = 3;
    CHECK(warm_text(values) == "42%, 3.0 GiB of 7.0 GiB, 1 file");
    values.per_second = 1024.0 * 1024 * 1024;
    CHECK(warm_text(values) == "42%, 3.0 GiB of 7.0 GiB, 1 file, 1.0 GiB/s, 4s left");
    CHECK(warm_progress(values, narrow) ==
          "[###-----] 42%, 3.0 GiB of 7.0 GiB, 1 file, 1.0 GiB/s, 4s ~");
    values.count.there = 1;
    CHECK(warm_result(values) ==
          "Read 1 file to the end, 3.0 GiB at 1.0 GiB/s; 1 file there already.\n");
    values.canceled = true;
    CHECK(warm_result(values).starts_with("Canceled: Read 1 file"));
    CHECK(warm_result(values).ends_with("; the same again goes on from there.\n"));
    values.canceled = false;
    values.count.unreadable = 2;
    values.count.missing = gib;
    CHECK(warm_result(values).ends_with(
        "; 2 cannot be read; 1.0 GiB of what was read did not stay in the cache.\n"));
    CHECK(warm_plan(values.found) == "Would read 2 files, 7.0 GiB; 1 file there already.\n");
    CHECK(warm_json(values, false)["state"] == "done");
    CHECK(warm_json(values, true)["bytes"] == 7 * gib);
    // The source grew meanwhile.
    values.count.bytes = 9 * gib;
    CHECK(warm_text(values) == "100%, 9.0 GiB of 9.0 GiB, 1 file, 1.0 GiB/s");
}

TEST_CASE("warm: trees that are larger than the cache") {
    CacheValues cache = sample_snapshot().caches.front();
    TreeSum sum;
    sum.add(CachedShare{0, 1024 * gib});
    CHECK_FALSE(too_large(sum, cache).has_value());
    sum.add(CachedShare{0, 1});
    CHECK(too_large(sum, cache) ==
          "the trees have 1.0 TiB, and the cache has room for 1.0 TiB (max-size)");
    // 1000 GiB are used, of which the cache has 640 and others 360; of 1900 GiB.
    cache.limits.max_size.reset();
    sum = {};
    sum.add(CachedShare{0, 1540 * gib});
    CHECK_FALSE(too_large(sum, cache).has_value());
    sum.add(CachedShare{0, gib});
    CHECK(too_large(sum, cache).value().ends_with("(bcull)"));
    sum = {};
    cache.limits.max_files = 3;
    for (int i = 0; i < 4; ++i)
        sum.add(CachedShare{0, 0});
    CHECK(too_large(sum, cache) ==
          "the trees have 4 files, and the cache has room for 3 (max-files)");
}
