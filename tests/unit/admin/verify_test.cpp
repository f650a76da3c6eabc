// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/job_queue.hpp"
#include "daemon/admin/verify_work.hpp"
#include "daemon/tree/reconciler.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <future>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

namespace {

/// The jobs' thread compares the tree itself; in the daemon another one does.
JobReport verify(SampleCache& cache, bool cancel = false) {
    Reconciler reconciler({*cache.tree, *cache.index, cache.clock, cache.log, 2});
    EventQueue events;
    JobQueue jobs(cache.clock, cache.log, events);
    const CompareTree compare = [&](const std::shared_ptr<Comparison>& comparison) {
        if (cancel)
            comparison->cancel();
        const ReconcileReport report = reconciler.compare(*comparison, [] { return true; });
        comparison->end(report.complete);
    };
    const JobId id = *jobs.add(JobKind::verify, verify_work(*cache.index, compare));
    std::promise<void> ended;
    REQUIRE(jobs.add(JobKind::verify, [&ended](JobControl&) {
        ended.set_value();
        return JobEnd{};
    }));
    jobs.start();
    ended.get_future().wait();
    for (const JobReport& report : jobs.jobs()) {
        if (report.id == id)
            return report;
    }
    return {};
}

bool found(const JobReport& report, std::string_view part) {
    return std::ranges::any_of(report.findings, [part](const std::string& line) {
        return line.find(part) != std::string::npos;
    });
}

SampleCache& filled(SampleCache& cache) {
    for (int i = 0; i < 50; ++i)
        cache.add(i % 2 == 0 ? "v" : "w", "key" + std::to_string(i), 1'000'000);
    cache.settle("v");
    cache.settle("w");
    Reconciler reconciler({*cache.tree, *cache.index, cache.clock, cache.log, 2});
    (void)reconciler.run([] { return true; });
    return cache;
}

index::DirectoryId directory_of(SampleCache& cache, const std::string& volume,
                                const std::string& key) {
    return {cache.index->add_volume(volume), SampleCache::fanout(volume, key)};
}

} // namespace

TEST_SUITE_BEGIN("admin: verify");

TEST_CASE("what is sound has no findings") {
    SampleCache cache;
    const JobReport report = verify(filled(cache));
    CHECK(report.state == JobState::done);
    CHECK(report.findings.empty());
    CHECK(report.objects == 50);
    CHECK(report.progress == 10'000);
}

TEST_CASE("differences in directories that have marks are found and repaired") {
    SampleCache cache;
    filled(cache);
    const index::DirectoryId directory = directory_of(cache, "v", "key4");
    REQUIRE(cache.index->forget(directory, "Dkey4"));
    cache.index->put(directory_of(cache, "w", "key5"), "Dghost", {4096, 1'000'000});
    cache.index->put(directory_of(cache, "v", "key6"), "Dkey6", {12'345, 1'000'000});
    cache.index->put({cache.index->add_volume("gone"), 0}, "Dx", {4096, 1});
    const JobReport report = verify(cache);
    CHECK(report.state == JobState::done);
    CHECK(found(report, "/Dkey4 was not in the index"));
    CHECK(found(report, "/Dghost was in the index only"));
    CHECK(found(report, "volume gone with 1 objects was in the index only"));
    CHECK(found(report, "1 objects had another size"));
    CHECK(report.findings.size() == 4);
    CHECK(cache.index->find(directory, "Dkey4"));
    CHECK(cache.index->totals().objects == 50);
    CHECK(cache.index->find(directory_of(cache, "v", "key6"), "Dkey6")->attributes.bytes == 4096);
    CHECK(verify(cache).findings.empty());
}

TEST_CASE("what changed a moment ago is no finding, but is taken in") {
    SampleCache cache;
    filled(cache);
    cache.add("v", "new", cache.clock.now());
    const auto directory = directory_of(cache, "v", "new");
    // As if it had been made at this moment.
    const auto path = cache.cache() / "Iv";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_directory())
            std::filesystem::last_write_time(
                entry.path(), std::chrono::file_clock::from_sys(std::chrono::sys_seconds(
                                  std::chrono::seconds(cache.clock.now()))));
    }
    CHECK(verify(cache).findings.empty());
    CHECK(cache.index->find(directory, "Dnew"));
}

TEST_CASE("a volume that the index does not know is found") {
    SampleCache cache;
    filled(cache);
    cache.add("unknown", "key", 1'000'000);
    cache.settle("unknown");
    const JobReport report = verify(cache);
    CHECK(found(report, "volume unknown was not in the index"));
    CHECK(found(report, "Iunknown/"));
    CHECK(verify(cache).findings.empty());
}

TEST_CASE("many differences are counted, not listed") {
    SampleCache cache;
    filled(cache);
    const index::VolumeId volume = cache.index->add_volume("v");
    for (int i = 0; i < 500; ++i)
        cache.index->put({volume, static_cast<std::uint8_t>(i)}, "Dghost" + std::to_string(i),
                         {4096, 1'000'000});
    const JobReport report = verify(cache);
    CHECK(report.findings.size() == Comparison::most_lines + 1);
    CHECK(found(report, "and 400 more differences"));
}

TEST_CASE("one that is canceled says so") {
    SampleCache cache;
    CHECK(verify(filled(cache), true).state == JobState::canceled);
}

TEST_SUITE_END();
