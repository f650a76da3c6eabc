// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/width.hpp"
#include "ctl/view/status_view.hpp"
#include "ctl/view/top_view.hpp"
#include "tests/unit/ctl/sample_snapshot.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace cachefiles::ctl;

namespace {

/// The longest line, and how many there are.
std::pair<std::size_t, std::size_t> size_of(const std::string& text) {
    std::istringstream lines(text);
    std::size_t widest = 0, count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        widest = std::max(widest, columns(line));
    return {widest, count};
}

/// As much of everything as there may be.
Snapshot crowded(std::size_t caches) {
    Snapshot snapshot = sample_snapshot();
    snapshot.version = std::string(200, 'v');
    CacheValues& cache = snapshot.caches.front();
    cache.tag = std::string(200, 't');
    cache.directory = "/" + std::string(200, 'd');
    cache.state = "stopping";
    cache.stalled = cache.culling = true;
    cache.reason = "max-files";
    cache.in_step = false;
    cache.losses = ~0ULL;
    cache.limits = {~0ULL, ~0ULL, ~0ULL, 1LL << 40, 1LL << 40, 99, 98, 97, 99, 98, 97};
    cache.objects = cache.objects_in_use = 99'999'999'999;
    cache.bytes = cache.space_bytes = cache.free_bytes = ~0ULL;
    cache.space_files = cache.free_files = ~0ULL;
    for (int i = 0; i < 100; ++i) {
        snapshot.volumes.push_back(snapshot.volumes[1]);
        snapshot.volumes.back().bytes = ~0ULL;
        snapshot.volumes.back().objects = 99'999'999'999;
    }
    for (int i = 0; i < 10; ++i) {
        JobValues job;
        job.path = "/job/1000000";
        job.kind = "verify";
        job.state = i % 2 == 0 ? "running" : "failed";
        job.objects = job.bytes = ~0ULL;
        job.message = std::string(200, 'm');
        snapshot.jobs.push_back(job);
    }
    for (std::size_t i = 1; i < caches; ++i)
        snapshot.caches.push_back(snapshot.caches.front());
    return snapshot;
}

} // namespace

TEST_CASE("status: one screen, to the letter") {
    CHECK(status_view(sample_snapshot(), {}) ==
          R"(OK: online, and there is room
Next: nothing to do

Daemon    cachefilesd 1.2.3, backend kernel
Cache     CacheFiles in /var/cache/fscache
State     online, not culling; lost 0 times since the daemon began
Full      [############################----------------] 62% of max-size
          640.0 GiB of 1.0 TiB
Holds     640.0 GiB in 1,234,567 objects, 1,024 in use; pinned 130.0 GiB in 1 v~
History   what was used last 12d 4h ago is still here, and what was used since
Disk      1000.0 GiB of 2.0 TiB free (50%): run 7%, cull 5%, stop 1%
Inodes    8,000,000 of 10,000,000 free (80%): run 7%, cull 5%, stop 1%
Limits    max-size 1.0 TiB, max-age 90d

VOLUME                                SIZE    OBJECTS  IN USE  LAST USED
nfs,4.2,2,,a0000000a~,2ee,bb8,1  500.0 GiB  1,000,000       0   2min ago
nfs,4.2,2,,b0000000a~8,textures  130.0 GiB    234,000       0   2min ago  pinned
9p,tag,projects                   10.0 GiB        567       0   2min ago
)");
}

TEST_CASE("status and top fit 80 by 24, whatever there is, and smaller terminals") {
    for (const std::size_t caches : {1U, 2U}) {
        for (const bool colour : {false, true}) {
            const Style style{colour, colour, 80, 24};
            const Snapshot snapshot = crowded(caches);
            const auto [width, height] = size_of(status_view(snapshot, style));
            CHECK(width <= 80);
            CHECK(height <= 23); // and the shell's line
            const auto [top_width, top_height] = size_of(top_view(snapshot, &snapshot, style));
            CHECK(top_width <= 80);
            CHECK(top_height <= 24);
        }
    }
    const auto [width, height] = size_of(top_view(crowded(1), nullptr, {false, false, 60, 10}));
    CHECK(height <= 10);
    CHECK(size_of(status_view(sample_snapshot(), {false, true, 132, 50})).second == 18);
}

TEST_CASE("colours are in it only where they are wanted") {
    CHECK(status_view(sample_snapshot(), {}).find('\x1b') == std::string::npos);
    CHECK(status_view(sample_snapshot(), {true, true, 80, 24}).starts_with("\x1b[32mOK\x1b[0m"));
}

TEST_CASE("top shows rates as soon as there are two frames") {
    Snapshot before = sample_snapshot();
    Snapshot now = sample_snapshot();
    before.caches.front().statistics = {{"culled_objects_total", 10},
                                        {"stored_bytes_total{purpose=\"read\"}", 0},
                                        {"stored_bytes_total{purpose=\"write\"}", 0}};
    now.caches.front().statistics = {{"culled_objects_total", 30},
                                     {"stored_bytes_total{purpose=\"read\"}", 2 << 20},
                                     {"stored_bytes_total{purpose=\"write\"}", 2 << 20}};
    now.time += 2 * sample_second;
    CHECK(top_view(now, nullptr, {}).find("Rates     not counted yet\n") != std::string::npos);
    CHECK(top_view(now, &before, {}).find("Rates     stored 2.0 MiB/s, culled 10/s\n") !=
          std::string::npos);
}
