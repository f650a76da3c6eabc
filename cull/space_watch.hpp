// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/limits.hpp"
#include "cull/space.hpp"
#include "index/object.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cachefiles::cull {

/// Why room is made. In order of precedence where several hold.
enum class Reason {
    none,
    stop_limit,
    watermark,
    min_free,
    max_size,
    max_files,
    volume,
    max_age,
    request
};

[[nodiscard]] std::string_view to_string(Reason reason);

/// The rule that holds for a volume of that key, or null.
[[nodiscard]] const VolumeRule* find_rule(std::span<const VolumeRule> rules,
                                          const std::string& key);

/// How much must go, at least. A pass ends when both amounts are reached.
struct Demand {
    Reason reason = Reason::none;
    std::uint64_t bytes = 0;
    std::uint64_t objects = 0;
    index::VolumeId only = 0;            ///< from this volume; 0: from any
    std::vector<index::VolumeId> except; ///< from none of these (they have a max_age of their own)
    std::optional<Seconds> used_before;  ///< everything older than this goes, whatever the amounts
    bool urgent = false; ///< free space is near or below the stop limit: full I/O priority

    [[nodiscard]] bool any() const { return reason != Reason::none; }
};

/// The limit behind a demand, of one volume or (0) of the whole. Being below the stop limit is not
/// another cause than being below `cull`.
using Cause = std::pair<Reason, index::VolumeId>;
[[nodiscard]] Cause cause(const Demand& demand);

/// Decides whether there is enough room, with the driver's arithmetic and hysteresis for the
/// watermarks (command-protocol section 4: starts when either resource is below `cull`, ends when
/// both are at `run`), and with hysteresis down to 95 % for max_size, max_files and volume limits,
/// up to 105 % for min_free, so that a cache at its limit is not culled at every write.
///
/// What is asked for the watermarks reaches a little above `run`: see `margin`.
/// Of several volumes above their limits the one most above is named; while it stays above, the
/// others and max_age have their turns, so that a volume all in use does not hold them up.
/// max_age is not seen in totals, so it is asked for once a minute for each volume that has one
/// and once for all others, when nothing else is wanted. A volume's own max_age takes the place
/// of the general one, be it shorter or longer.
///
/// The watermarks are computed once from the first look after `set_limits`, as the driver does at
/// bind; the driver's own figures (from its state line) replace them where given, and stay: the
/// driver does not change them while it is bound.
/// Not thread-safe. Pure: no I/O, no clock of its own.
class SpaceWatch final {
public:
    /// Absolute limits, in the units of Space.
    struct Thresholds {
        std::uint64_t brun = 0, bcull = 0, bstop = 0; ///< blocks
        std::uint64_t frun = 0, fcull = 0, fstop = 0; ///< files
        bool operator==(const Thresholds&) const = default;
    };

    /// How far above `run` a cull aims: 1/128 of the window between `cull` and `run`, at least one
    /// and at most `largest`. A cull that aims exactly at the goal never gets there, because new
    /// files arrive meanwhile; each pass is shorter than the one before, so that a small part of
    /// the window is enough for the last of them. The cap keeps big disks from being culled for
    /// minutes beyond what the driver asks for.
    [[nodiscard]] static std::uint64_t margin(std::uint64_t run, std::uint64_t cull,
                                              std::uint64_t largest);
    static constexpr std::uint64_t largest_margin_bytes = 1 << 30;
    static constexpr std::uint64_t largest_margin_files = 100'000;

    explicit SpaceWatch(Limits limits);

    /// Equal limits leave the hysteresis as it is; different ones start afresh.
    void set_limits(Limits limits);
    [[nodiscard]] const Limits& limits() const { return limits_; }

    /// What the driver says it uses. Overrides what follows from the percentages.
    void set_thresholds(const Thresholds& thresholds);
    [[nodiscard]] static Thresholds thresholds(const Watermarks& watermarks, const Space& space);
    [[nodiscard]] const std::optional<Thresholds>& thresholds() const { return thresholds_; }

    /// What must go now. `culling` is the driver's own flag (true forces culling up to `run`).
    /// `reaping` bytes (and objects) are already in the graveyard and will become free: they are
    /// not asked for again. Each call takes a turn (volumes, max_age): what it returns is to be
    /// acted upon.
    [[nodiscard]] Demand assess(const Space& space, const index::Totals& totals,
                                std::span<const index::Volume> volumes, Seconds now, bool culling,
                                std::uint64_t reaping, std::uint64_t reaping_objects = 0);

    /// Volumes that a rule pins: they must not be touched, as little as those that have a pin in
    /// the index.
    [[nodiscard]] std::vector<index::VolumeId> pinned(std::span<const index::Volume> volumes) const;
    [[nodiscard]] const VolumeRule* rule_for(const std::string& key) const {
        return find_rule(limits_.volumes, key);
    }

private:
    struct Room;
    struct Above {
        const index::Volume* volume;
        double fullness; ///< in terms of its limits; 1 is full
    };
    [[nodiscard]] Demand for_watermarks(const Room& room, bool culling);
    [[nodiscard]] Demand for_min_free(const Room& room);
    [[nodiscard]] Demand for_total(const index::Totals& totals);
    [[nodiscard]] Demand for_volumes(std::span<const index::Volume> volumes, Seconds now);
    [[nodiscard]] std::vector<Above> find_above(std::span<const index::Volume> volumes);
    [[nodiscard]] const Above* most_above(std::span<const Above> above) const;
    [[nodiscard]] Demand for_max_age(std::span<const index::Volume> volumes, Seconds now);
    void start_age_round(std::span<const index::Volume> volumes, Seconds now);
    [[nodiscard]] bool near_stop(const Space& space) const;

    Limits limits_;
    std::optional<Thresholds> thresholds_;
    bool thresholds_given_ = false; // by the driver
    // hysteresis: which of the limits are being made room for
    bool below_run_ = false;
    bool below_free_ = false;
    bool above_size_ = false;
    bool above_files_ = false;
    std::vector<index::VolumeId> above_volume_; // sorted
    std::vector<index::VolumeId> asked_;        // of them, those that had their turn
    std::vector<Demand> age_queue_;             // max_age still to be asked for in this round
    std::optional<Seconds> age_round_;          // when it began
};

} // namespace cachefiles::cull
