// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cachefiles::daemon {

/// Where in the cache something happened.
enum class Place : std::uint8_t {
    cache,  ///< in cache/: a volume directory came or went
    volume, ///< in a volume directory: a fan-out directory came or went
    fanout, ///< in a fan-out directory: an object
};

/// Something happened to a name. The kernel merges events of one name and loses their order: look
/// again at what is there, do not replay.
struct TreeChange {
    Place place = Place::fanout;
    index::DirectoryId directory{}; ///< volume 0 for Place::cache; fanout 0 for Place::volume
    std::string name{};
    bool appeared = false; ///< created or moved here
    bool vanished = false; ///< deleted or moved away
    bool released = false; ///< closed after having been open for writing: the driver let go of an
                           ///< object that had its name already
    bool ours = false;     ///< everything about it was done by this process

    /// Adds what another event says about the same name.
    void merge(const TreeChange& other);
};

/// Reports changes in the cache as they happen. Owned and used by one thread.
class Follower {
public:
    virtual ~Follower() = default;

    /// Appends what happened since the last call; never waits. False: events were lost, and the
    /// tree has to be compared with the index.
    [[nodiscard]] virtual bool read(std::vector<TreeChange>& changes) = 0;

    /// For poll(2).
    [[nodiscard]] virtual int descriptor() const = 0;

    /// False: some directories could not be watched; the tree has to be compared now and then.
    [[nodiscard]] virtual bool sees_everything() const { return true; }

    /// Whether deletions are reported. While many objects are culled they are ours, the index
    /// knows them, and to report them costs a tenth of the culling. The driver's own deletions are
    /// releases, too, and still come; what others delete meanwhile is found gone when it is to be
    /// culled. From any thread.
    virtual void expect_deletions(bool /*reported*/) {}

    /// That volume's directories are no longer what they were.
    virtual void forget(index::VolumeId volume) = 0;
};

} // namespace cachefiles::daemon
