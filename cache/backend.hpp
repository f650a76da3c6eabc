// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/content.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace cachefiles::cache {

/// What the model asks of whoever keeps the objects, as fscache asks cachefiles (fscache-model.md
/// sections 4 to 7). Calls may block on the disk: the model makes them from its executor's jobs and
/// never under its lock. For one object, and for one volume, there is never more than one call at a
/// time, unless it says so; for different ones there may be, from different threads.
///
/// Errors: none are thrown. What a result does not say goes to BackendEvents.

/// Room on the disk that was promised to a write; it is given back with it. May outlive the file,
/// and the backend.
class SpaceHold {
public:
    SpaceHold() = default;
    SpaceHold(const SpaceHold&) = delete;
    SpaceHold& operator=(const SpaceHold&) = delete;
    virtual ~SpaceHold() = default;
};

/// A version of an object's data: the file under it, open. Whoever has begun an operation holds
/// one; invalidation puts another in its place, and operations on the old one end with it. Kept
/// longer than that, it holds up nobody. Any thread.
class BackendFile {
public:
    virtual ~BackendFile() = default;
    /// For pread and pwrite; valid as long as this lives.
    [[nodiscard]] virtual int descriptor() const = 0;
    /// What is present in it, as far as readers are concerned.
    [[nodiscard]] virtual Content& content() = 0;
    /// Errors: ENOSPC below the stop limit; another errno of the file system.
    [[nodiscard]] virtual std::expected<std::unique_ptr<SpaceHold>, int>
    hold_space(std::uint64_t bytes) = 0;
    /// These blocks are in the file: they are to survive a crash, as soon as they are on the disk.
    virtual void commit_later(std::uint64_t first_block, std::uint64_t count) = 0;
    /// Somebody read of it just now. Now and then it writes down many such uses; may block then.
    virtual void note_use() = 0;
};

struct CookieIdentity {
    std::string key;        ///< any bytes, 1 to 255
    std::uint32_t hash = 0; ///< protocol::cookie_hash(); its low byte is the fan-out directory
};

/// What a cookie says of its contents at this moment.
struct Coherency {
    std::string aux; ///< the network file system's coherency data, up to 255 bytes
    std::uint64_t object_size = 0;

    bool operator==(const Coherency&) const = default;
};

/// How an object leaves the model.
enum class Ending {
    commit, ///< is kept: with the coherency data given, under its name
    retire, ///< is of no more use: removed
};

/// A cookie's object, from lookup to detach.
class BackendObject {
public:
    virtual ~BackendObject() = default;

    /// Null while there is none: being made, or lost.
    [[nodiscard]] virtual std::shared_ptr<BackendFile> file() const = 0;

    /// Before the first modification of an object that existed: it is durably marked as dirty, so
    /// that a crash drops it.
    virtual void prepare_to_write() = 0;

    /// An empty file takes the place of the present one. False: that was not possible. Then the
    /// object is as good as retired: what was there may never be found valid again.
    [[nodiscard]] virtual bool invalidate(const Coherency& now) = 0;

    /// Smaller: cut, and the rest of the last 4 KiB is zero; larger: only noted. The file's content
    /// has the new size already.
    virtual void resize(std::uint64_t old_size, std::uint64_t new_size) = 0;

    /// The last call. Operations have ended, or are abandoned.
    virtual void detach(Ending ending, const Coherency& last) = 0;
};

struct Lookup {
    enum class Result {
        found,   ///< the object that was there is valid
        created, ///< a new and empty one
        failed,  ///< the cookie is not cached
    };
    Result result = Result::failed;
    std::unique_ptr<BackendObject> object; ///< null if failed
};

class BackendVolume {
public:
    virtual ~BackendVolume() = default;

    /// May be called for several cookies at once. `negative` is called as soon as it is known that
    /// nothing valid is there, before the new object is made: readers need not wait any longer.
    [[nodiscard]] virtual Lookup look_up(const CookieIdentity& cookie, const Coherency& wanted,
                                         const std::function<void()>& negative) = 0;

    /// The last call: notes the volume's coherency data.
    virtual void detach(const std::string& coherency) = 0;
    /// The last call, in place of that one: nothing that is in it is ever found valid again.
    virtual void discard() = 0;
};

class Backend {
public:
    virtual ~Backend() = default;

    /// The volume's directory, made if need be; one with other coherency data is replaced. It
    /// belongs to the user who made it: nobody else gets it, but for root (0), who has those that
    /// are nobody's. Null: not now, or not for this one; every lookup tries again.
    [[nodiscard]] virtual std::unique_ptr<BackendVolume>
    attach_volume(const std::string& key, const std::string& coherency, std::uint32_t owner) = 0;

    /// Everything is on the disk when it returns. At the end of a withdrawal.
    virtual void sync() = 0;
};

/// Told by a backend, from any thread and in the middle of any call.
class BackendEvents {
public:
    virtual ~BackendEvents() = default;

    /// The disk has failed: the cache is dead until it is bound anew.
    virtual void io_error(const std::string& what) = 0;
};

} // namespace cachefiles::cache
