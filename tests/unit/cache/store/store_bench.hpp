// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/store/store.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::tests {

class RecordingEvents final : public cache::BackendEvents {
public:
    void io_error(const std::string& what) override {
        const std::lock_guard lock(mutex_);
        errors_.push_back(what);
    }
    [[nodiscard]] std::size_t count() const {
        const std::lock_guard lock(mutex_);
        return errors_.size();
    }
    [[nodiscard]] bool contains(std::string_view part) const {
        const std::lock_guard lock(mutex_);
        return std::any_of(errors_.begin(), errors_.end(), [part](const std::string& error) {
            return error.find(part) != std::string::npos;
        });
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        errors_.clear();
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> errors_;
};

/// A store on a temporary directory, and looks at what it leaves there.
class StoreBench final {
public:
    StoreBench();

    /// Anew, on what is on the disk. What was made of the store before must be gone.
    void reopen();
    void close() { store.reset(); }

    [[nodiscard]] std::unique_ptr<cache::BackendVolume> attach(const std::string& key = volume_key,
                                                               const std::string& coherency = {},
                                                               std::uint32_t owner = 0);
    /// Looks up in a volume of that key.
    [[nodiscard]] cache::Lookup look_up(cache::BackendVolume& volume, const std::string& key,
                                        const cache::Coherency& wanted,
                                        const std::string& of_volume = volume_key);
    /// Makes an object of whole units filled with `fill` and commits it.
    void put(cache::BackendVolume& volume, const std::string& key,
             const cache::Coherency& coherency, char fill);

    [[nodiscard]] std::filesystem::path root() const { return directory_.path(); }
    [[nodiscard]] std::filesystem::path volume_path(const std::string& name = "Ierofs,test") const {
        return root() / "cache" / name;
    }
    /// Of an object of the volume volume_key.
    [[nodiscard]] std::filesystem::path path(const std::string& fanout,
                                             const std::string& name) const {
        return volume_path() / fanout / name;
    }
    /// Every file below cache/, in order: "I.../@xx/name".
    [[nodiscard]] std::vector<std::string> files() const;
    [[nodiscard]] std::size_t buried() const;

    static inline const std::string volume_key = "erofs,test";

private:
    TemporaryDirectory directory_;
    std::mutex released_mutex_;

public:
    RecordingEvents events;
    RecordingLog log;
    SimulatedClock clock;
    cache::store::StopLimits limits;
    unsigned negatives = 0; ///< how often a lookup said so
    /// Of all stores, one after another.
    std::shared_ptr<cache::store::StoreCounters> counters =
        std::make_shared<cache::store::StoreCounters>();
    index::Index* index = nullptr;       ///< of the next reopen()
    std::vector<std::string> changed;    ///< directories: "volume/fan-out"
    std::vector<std::uint64_t> released; ///< sectors of each file that was let go of
    std::unique_ptr<cache::store::Store> store;
};

/// In hex; nothing if there is none.
[[nodiscard]] std::optional<std::string> attribute_of(const std::filesystem::path& path,
                                                      const char* name = "user.CacheFiles.cache");
void set_attribute(const std::filesystem::path& path, const std::string& value,
                   const char* name = "user.CacheFiles.cache");
void write_file(int fd, char fill, std::uint64_t size);
/// The byte that all of the file consists of, '?' if it is not one.
[[nodiscard]] char content_of(int fd);
[[nodiscard]] char content_of(const std::filesystem::path& path);
[[nodiscard]] std::uint64_t inode_of(const std::filesystem::path& path);
[[nodiscard]] std::uint64_t inode_of(int fd);
[[nodiscard]] std::size_t open_descriptors();

/// False, with a message, if no file system here can hold a store.
[[nodiscard]] bool can_hold_a_store();

} // namespace cachefiles::tests

/// At the start of a test.
#define NEED_A_STORE()                                                                             \
    if (!cachefiles::tests::can_hold_a_store())                                                    \
    return
