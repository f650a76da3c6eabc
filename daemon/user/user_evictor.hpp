// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "cache/store/store.hpp"
#include "cull/evictor.hpp"
#include "index/index.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cachefiles::daemon {

/// Evicts from the daemon's own store. Nobody is asked whether an object is in use: the store knows
/// (store::InUse). Each victim is claimed, so that no lookup takes it up meanwhile, and unlinked
/// relative to its directory, which is opened once; a large batch is worked off by several threads,
/// a directory each. A whole volume goes to the graveyard by one rename.
class UserEvictor final : public cull::Evictor {
public:
    struct Parts {
        index::Index& index;
        const Clock& clock;
        Log& log;
        unsigned threads;                                ///< for a large batch
        std::function<void(index::DirectoryId)> changed; ///< something was removed from it
        std::function<bool()> in_step; ///< does the index know every object of every volume?
    };

    explicit UserEvictor(Parts parts);

    /// The store, or null while there is none: then everything is `lost`. In the culling thread.
    void use(std::shared_ptr<cache::store::Store> store) { store_ = std::move(store); }

    void evict(std::span<const index::Object> victims, std::span<cull::Outcome> outcomes) override;
    [[nodiscard]] cull::Verdict evict_volume(const index::Volume& volume) override;
    [[nodiscard]] std::optional<std::vector<index::ObjectId>> in_use() override;
    [[nodiscard]] std::optional<std::vector<index::VolumeId>> volumes_in_use() override;

    /// How long it took to evict an object. Any thread.
    [[nodiscard]] const Histogram& times() const { return times_; }

private:
    /// Victims of one directory.
    struct Group {
        std::span<const index::Object> victims;
        std::span<cull::Outcome> outcomes;
    };

    void evict_group(const Group& group);
    [[nodiscard]] cull::Verdict evict_one(int directory, const std::string& path,
                                          const std::string& name);
    [[nodiscard]] cull::Verdict understand(int error, const std::string& what);
    void warn(const std::string& text);

    Parts parts_;
    std::shared_ptr<cache::store::Store> store_;
    std::mutex mutex_; ///< guards warnings_
    RateLimit warnings_;
    Histogram times_;
};

} // namespace cachefiles::daemon
