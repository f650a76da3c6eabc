// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/version.hpp"

#include <cachefiles.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>

namespace cachefiles::mount {

class Cookies;

/// A file's cookie, in use for as long as it lives, and what version of the content it is of. Where
/// there is no cache all of it does nothing, and every read is to be downloaded. Any thread.
class Cookie final {
public:
    Cookie(Cookies& cookies, std::string key, const Version& version);
    ~Cookie();
    Cookie(const Cookie&) = delete;
    Cookie& operator=(const Cookie&) = delete;

    [[nodiscard]] cachefiles_plan plan(std::uint64_t start, std::uint64_t length) const;
    /// -ENODATA: plan again.
    [[nodiscard]] ssize_t read(std::span<char> buffer, std::uint64_t start) const;
    /// Of the file that has the range, to splice from; empty if it is not all cached.
    [[nodiscard]] Fd descriptor(std::uint64_t start, std::uint64_t length) const;
    /// Bytes that are in the cache.
    [[nodiscard]] std::uint64_t cached_bytes() const;
    /// What was downloaded after the plan: bytes stored.
    std::uint64_t store(const cachefiles_plan& plan, std::span<const char> data,
                        std::uint64_t start) const;

    /// The content has changed at the source: what is cached is void, unless it is of that version.
    void change_to(const Version& version);
    /// The content is the same, but its version is another (renamed, for instance).
    void adopt(const Version& version);

    /// The program changes the file, after it did so at the source. From the first of these to
    /// end_changes() the cached object is marked as dirty on the disk.
    void wrote(std::span<const char> data, std::uint64_t start);
    void resized(std::uint64_t size);
    /// Changed in a way that the cache does not follow.
    void spoiled();
    void end_changes(const Version& version);

private:
    void wait_for_lookup() const;
    void begin_changes();
    [[nodiscard]] bool is_empty() const;

    Cookies& cookies_;
    const std::string key_;
    cachefiles_cookie* cookie_ = nullptr;
    std::mutex mutex_; ///< changes, one at a time
    Version version_;
    bool changing_ = false;
};

/// The cookies of a mount, each once. Outlives them.
class Cookies final {
public:
    /// `volume`: NULL is no cache.
    explicit Cookies(cachefiles_volume* volume) : volume_(volume) {}

    /// The cookie of that key, its content changed to that version if it was another.
    [[nodiscard]] std::shared_ptr<Cookie> get(const std::string& key, const Version& version);

private:
    friend class Cookie;
    void left(const std::string& key);

    cachefiles_volume* const volume_;
    std::mutex mutex_;
    std::condition_variable left_;
    /// Expired: it is just being relinquished, and its key cannot be acquired yet.
    std::unordered_map<std::string, std::weak_ptr<Cookie>> cookies_;
};

} // namespace cachefiles::mount
