// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/metric_table.hpp"
#include "daemon/metrics/recency_profile.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::tests;
using daemon::metrics::RecencyProfile;
using daemon::metrics::Statistics;
using namespace std::chrono_literals;

namespace {

class Bench final {
public:
    Bench() : index(index::Index::open(options(), clock, log)), profile(*index, clock) {
        volume = index->add_volume("v");
    }

    /// An object that was used so long ago.
    void add(Seconds age, index::ObjectState state = index::ObjectState::idle) {
        index->put({volume, 0}, "D" + std::to_string(++names_), {1, clock.now() - age, state});
    }
    /// So many, 1, 2, 3... seconds old.
    void fill(std::size_t count) {
        std::vector<index::Object> objects(count);
        for (std::size_t i = 0; i < count; ++i)
            objects[i] = {
                {}, "F" + std::to_string(i), {1, clock.now() - 1 - static_cast<Seconds>(i)}};
        index->put_all({volume, 1}, objects);
    }
    [[nodiscard]] double age(const std::string& quantile) const {
        Statistics statistics;
        profile.add_to(statistics);
        const auto found = statistics.find("idle_age_seconds{quantile=\"" + quantile + "\"}");
        return found == statistics.end() ? -1 : found->second;
    }

private:
    [[nodiscard]] index::IndexOptions options() const {
        index::IndexOptions options;
        options.path = directory_.path() / "test.db";
        return options;
    }

    TemporaryDirectory directory_;
    RecordingLog log;
    int names_ = 0;

public:
    SimulatedClock clock;
    std::unique_ptr<index::Index> index;
    RecencyProfile profile;
    index::VolumeId volume = 0;
};

} // namespace

TEST_CASE("recency profile: nothing before the first turn, nor of an empty cache") {
    Bench bench;
    CHECK(bench.age("0.5") == -1);
    bench.profile.turn();
    CHECK(bench.age("0.5") == -1);
    bench.add(10, index::ObjectState::in_use);
    bench.clock.advance(RecencyProfile::pause);
    bench.profile.turn();
    CHECK(bench.age("0.5") == -1);
}

TEST_CASE("recency profile: quantiles of the idle objects' ages, at the time of asking") {
    Bench bench;
    bench.fill(101); // 1 to 101 seconds
    bench.add(1000, index::ObjectState::in_use);
    bench.profile.turn();
    CHECK(bench.age("0.9") == 91);
    CHECK(bench.age("0.5") == 51);
    CHECK(bench.age("0.1") == 11);
    bench.clock.advance(7s);
    CHECK(bench.age("0.5") == 58);
    CHECK(daemon::metrics::find_metric("idle_age_seconds") != nullptr);
}

TEST_CASE("recency profile: one object is all of them") {
    Bench bench;
    bench.add(5);
    bench.profile.turn();
    for (const char* quantile : {"0.1", "0.5", "0.9"})
        CHECK(bench.age(quantile) == 5);
}

TEST_CASE("recency profile: another walk a minute after the end, and not before") {
    Bench bench;
    bench.add(5);
    bench.profile.turn();
    bench.index->set_all_idle();
    for (int i = 0; i < 8; ++i)
        bench.add(100);
    bench.clock.advance(RecencyProfile::pause - 1s);
    bench.profile.turn();
    CHECK(bench.age("0.5") == 64);
    bench.clock.advance(1s);
    bench.profile.turn();
    CHECK(bench.age("0.5") == 160);
}

TEST_CASE("recency profile: a large index in several turns, the former figures meanwhile") {
    Bench bench;
    bench.add(3);
    bench.profile.turn();
    bench.clock.advance(RecencyProfile::pause);
    const std::size_t count = 2 * RecencyProfile::entries_per_turn;
    bench.fill(count);
    bench.profile.turn();
    CHECK(bench.age("0.5") == 63); // still that of the object that was alone
    bench.profile.turn();
    const auto objects = static_cast<double>(count + 1);
    CHECK(bench.age("0.5") == doctest::Approx(objects * 0.5).epsilon(0.001));
    CHECK(bench.age("0.1") == doctest::Approx(objects * 0.1).epsilon(0.001));
}

TEST_CASE("recency profile: objects may go while it walks") {
    Bench bench;
    bench.fill(2 * RecencyProfile::entries_per_turn);
    bench.profile.turn();
    bench.index->remove_volume(bench.volume);
    bench.profile.turn();
    CHECK(bench.age("0.1") >= 0); // where it stood
    bench.clock.advance(RecencyProfile::pause);
    bench.profile.turn();
    CHECK(bench.age("0.1") == -1);
}
