// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"

#include <optional>
#include <span>
#include <vector>

namespace cachefiles::cull {

/// What became of a victim.
enum class Verdict {
    pending, ///< not tried (the evictor was asked to stop)
    evicted, ///< gone, and its space with it
    gone,    ///< was not there any more
    busy,    ///< in use: stays, and counts as used now
    used,    ///< used later than the index knew: stays, at its true place (`last_use`)
    failed,  ///< an error; reported by the evictor, not tried again soon
    lost,    ///< the cache itself is out of order: no use in going on
};

struct Outcome {
    Verdict verdict = Verdict::pending;
    Seconds last_use = 0; ///< for `used`
};

/// How a backend removes objects. All calls come from the culler's thread.
/// Errors: none are thrown; a Verdict says it.
class Evictor {
public:
    virtual ~Evictor() = default;

    /// Tries every victim; they come grouped by directory. `outcomes` is as long as `victims`.
    virtual void evict(std::span<const index::Object> victims, std::span<Outcome> outcomes) = 0;

    /// Removes a whole volume at once if nobody uses it: evicted means that its directory is in
    /// the graveyard, its space still taken until the reaper has been there. To be answered with
    /// busy while the index may not know all of the volume (a scan under way): it decides by the
    /// newest object it knows.
    [[nodiscard]] virtual Verdict evict_volume(const index::Volume& volume) = 0;

    /// Every object that is in use at this moment, asked at once; nothing if that cannot be told.
    [[nodiscard]] virtual std::optional<std::vector<index::ObjectId>> in_use() = 0;

    /// Volumes that are in use at this moment (mounted); nothing if that cannot be told.
    [[nodiscard]] virtual std::optional<std::vector<index::VolumeId>> volumes_in_use() = 0;
};

} // namespace cachefiles::cull
