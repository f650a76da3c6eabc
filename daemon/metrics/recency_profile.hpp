// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "daemon/metrics/statistics.hpp"
#include "index/index.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cachefiles::daemon::metrics {

/// How old the idle objects of an index are: the quantiles of the time since their last use. To
/// know them the recency order has to be walked, which takes the longer the more objects there are.
/// So it is done a little at each turn, and again only a minute after the end: nobody else waits
/// for the index longer than for any other short call, and at one turn a second a walk over ten
/// million objects takes a minute and a half. Used by one thread.
class RecencyProfile final {
public:
    /// Entries at a turn.
    static constexpr std::size_t entries_per_turn = 100'000;
    static constexpr std::chrono::seconds pause{60};

    /// Both are borrowed.
    RecencyProfile(index::Index& index, const Clock& clock) : index_(index), clock_(clock) {}

    void turn();
    /// idle_age_seconds{quantile="0.9"} and so on, as of the last walk; nothing before its end.
    void add_to(Statistics& statistics) const;

private:
    struct Quantile {
        const char* name; ///< of the age: so many are no older
        double older;     ///< the share that is
    };
    /// In the order of the walk. The oldest of all is the report's to know.
    static constexpr std::array quantiles{Quantile{"0.9", 0.1}, Quantile{"0.5", 0.5},
                                          Quantile{"0.1", 0.9}};
    using Uses = std::array<Seconds, quantiles.size()>;

    void begin();
    void step(std::size_t budget);
    void finish();

    index::Index& index_;
    const Clock& clock_;
    bool walking_ = false;
    std::optional<std::chrono::nanoseconds> ended_at_;
    std::optional<Uses> known_;

    // The walk under way.
    std::uint64_t idle_ = 0;
    index::RecencyCursor cursor_;
    std::uint64_t walked_ = 0;
    std::size_t reached_ = 0; ///< quantiles
    Uses uses_{};
};

} // namespace cachefiles::daemon::metrics
