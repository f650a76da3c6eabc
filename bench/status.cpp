// SPDX-License-Identifier: GPL-2.0-or-later
// What it costs to know how a cache is, with many objects in its index, while the culler works as
// fast as it can: its evictor needs no time at all, so nobody waits for the index longer than here.
//
//   bench_status [DIRECTORY [OBJECTS...]]
//
// "report" is what the administration's thread does once a second: all that it asks the index.
// "profile" is a part of the walk for the quantiles. "text" is what a caller on the bus waits for:
// it asks nobody. As a measure, what the one question costs that an administrator with sqlite3
// would ask of the same file: how many objects and bytes are there in each volume?
#include "base/clock.hpp"
#include "base/log.hpp"
#include "cull/culler.hpp"
#include "daemon/metrics/metrics_text.hpp"
#include "daemon/metrics/recency_profile.hpp"
#include "daemon/metrics/statistics.hpp"
#include "index/index.hpp"
#include "index/sqlite/database.hpp"
#include "index/sqlite/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::daemon;

constexpr std::size_t volumes = 200; // more than have samples of their own
constexpr unsigned fanouts = 256;
constexpr Seconds ages = 10'000'000;
constexpr std::chrono::milliseconds goal{50}; // of `cachefilesctl status`
constexpr std::chrono::milliseconds between{20};
constexpr int rounds = 300;

using Times = std::vector<double>; // ms

/// Everything is gone at once.
class NoDisk final : public cull::Evictor {
public:
    void evict(std::span<const index::Object> victims, std::span<cull::Outcome> outcomes) override {
        std::ranges::fill(outcomes, cull::Outcome{cull::Verdict::evicted});
        evicted += victims.size();
    }
    [[nodiscard]] cull::Verdict evict_volume(const index::Volume&) override {
        return cull::Verdict::busy;
    }
    [[nodiscard]] std::optional<std::vector<index::ObjectId>> in_use() override { return {}; }
    [[nodiscard]] std::optional<std::vector<index::VolumeId>> volumes_in_use() override {
        return {};
    }

    std::atomic<std::uint64_t> evicted{0};
};

void fill(index::Index& index, std::size_t count, Seconds now) {
    std::mt19937_64 random(1);
    index.begin_load();
    std::vector<index::VolumeId> ids;
    for (std::size_t volume = 0; volume < volumes; ++volume)
        ids.push_back(index.add_volume(fmt::format("nfs,4.2,2,,server{},", volume)));
    const std::size_t directories = volumes * fanouts;
    for (std::size_t directory = 0; directory < directories; ++directory) {
        std::vector<index::Object> objects;
        for (std::size_t number = directory; number < count; number += directories)
            objects.push_back({{},
                               fmt::format("E{:039x}", number * 0x9E3779B97F4A7C15),
                               {4096, now - static_cast<Seconds>(random() % ages)}});
        index.put_all({ids[directory / fanouts], static_cast<std::uint8_t>(directory % fanouts)},
                      objects);
        index.commit_if_due();
    }
    index.end_load();
}

template<class Work>
void time_into(Times& times, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
}

double at(Times times, double share) {
    std::ranges::sort(times);
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

double print(const char* what, const Times& times, double measure) {
    const double worst = at(times, 1);
    fmt::print("{:<10} {:>8} {:>10.3f} {:>10.3f} {:>10.3f} {:>12.5f}\n", what, times.size(),
               at(times, 0.5), at(times, 0.99), worst, worst / measure);
    return worst;
}

admin::CacheReport build_report(index::Index& index) {
    admin::CacheReport report;
    report.tag = "bench";
    report.totals = index.totals();
    report.oldest_use = index.oldest_use();
    for (const index::Volume& volume : index.volumes())
        report.volumes.push_back({volume.id, volume.key, volume.totals, volume.newest_use});
    metrics::add_histogram(report.statistics, "index_commit_duration_seconds",
                           index.commit_times());
    report.statistics["index_uncommitted"] = index.uncommitted() ? 1 : 0;
    return report;
}

/// Culls a part of the objects, whatever the demand is for, until told to end.
void cull(index::Index& index, NoDisk& evictor, const Clock& clock, const std::atomic<bool>& end) {
    NullLog log;
    cull::Culler culler(index, evictor, clock, log, {});
    cull::Demand demand;
    demand.reason = cull::Reason::max_files;
    while (!end && index.totals().objects > 0) {
        demand.objects = index.totals().objects;
        (void)culler.run(demand, {}, 0, [&end] { return !end; });
    }
}

bool run(const std::filesystem::path& base, std::size_t count) {
    const SystemClock clock;
    NullLog log;
    index::IndexOptions options;
    options.path = base / "status.db";
    std::unique_ptr<index::Index> index = index::Index::open(options, clock, log);
    fill(*index, count, clock.now());
    index.reset();
    Times questions;
    {
        index::sqlite::Database database(
            {.path = options.path.string(), .vfs = {}, .page_cache = options.page_cache});
        time_into(questions, [&database] {
            (void)database.integer("SELECT count(*) FROM (SELECT id >> 43, count(*), sum(bytes) "
                                   "FROM objects GROUP BY id >> 43)");
        });
    }
    index = index::Index::open(options, clock, log);

    metrics::RecencyProfile profile(*index, clock);
    NoDisk evictor;
    std::atomic<bool> end{false};
    Times reports, profiles, texts;
    {
        std::jthread culling([&] { cull(*index, evictor, clock, end); });
        while (evictor.evicted == 0 && index->totals().objects > 0)
            std::this_thread::yield();
        for (int round = 0; round < rounds && index->totals().objects > 0; ++round) {
            admin::CacheReport report;
            time_into(reports, [&] { report = build_report(*index); });
            time_into(profiles, [&] { profile.turn(); });
            profile.add_to(report.statistics);
            std::string text;
            time_into(texts,
                      [&] { text = metrics::metrics_text(report, {"0", "user"}, clock.now()); });
            std::this_thread::sleep_for(between);
        }
        end = true;
    }
    const std::uint64_t culled = evictor.evicted;
    index.reset();

    fmt::print("\n{} objects in {} volumes, {} of them culled meanwhile; milliseconds\n", count,
               volumes, culled);
    fmt::print("{:<10} {:>8} {:>10} {:>10} {:>10} {:>12}\n", "", "times", "median", "99 %",
               "longest", "of question");
    const double measure = at(questions, 1);
    print("question", questions, measure);
    print("report", reports, measure);
    print("profile", profiles, measure);
    const double text = print("text", texts, measure);
    const double limit = std::chrono::duration<double, std::milli>(goal).count();
    fmt::print("goal: whoever asks waits {:.3f} of {:.0f} ms: {}\n", text, limit,
               text < limit ? "reached" : "NOT REACHED");
    return text < limit && culled > 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path base =
        std::filesystem::path(argc > 1 ? argv[1] : ".") / "bench-status";
    std::vector<std::size_t> counts;
    for (int i = 2; i < argc; ++i)
        counts.push_back(std::strtoull(argv[i], nullptr, 10));
    if (counts.empty())
        counts = {1'000'000, 10'000'000};
    bool reached = true;
    for (const std::size_t count : counts) {
        std::filesystem::remove_all(base);
        std::filesystem::create_directories(base);
        reached = run(base, count) && reached;
    }
    std::filesystem::remove_all(base);
    return reached ? EXIT_SUCCESS : EXIT_FAILURE;
}
