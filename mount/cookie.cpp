// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/cookie.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::mount {

Cookie::Cookie(Cookies& cookies, std::string key, const Version& version)
    : cookies_(cookies), key_(std::move(key)), version_(version) {
    const std::string aux = version.bytes();
    if (cachefiles_acquire_cookie(cookies.volume_, key_.data(), key_.size(), aux.data(), aux.size(),
                                  version.size, &cookie_) != 0)
        cookie_ = nullptr;
    static_cast<void>(cachefiles_use(cookie_, 0));
}

Cookie::~Cookie() {
    const bool empty = is_empty();
    // Who did not get to know how a change ended does not know what there is. An object without
    // content would stay on the disk, for each file that was only looked at.
    cachefiles_relinquish_cookie(cookie_, changing_ || empty ? 1 : 0);
    cookies_.left(key_);
}

cachefiles_plan Cookie::plan(std::uint64_t start, std::uint64_t length) const {
    cachefiles_plan plan{};
    cachefiles_plan_read(cookie_, start, length, &plan);
    return plan;
}

ssize_t Cookie::read(std::span<char> buffer, std::uint64_t start) const {
    return cachefiles_read(cookie_, buffer.data(), buffer.size(), start);
}

Fd Cookie::descriptor(std::uint64_t start, std::uint64_t length) const {
    return Fd(std::max(-1, cachefiles_descriptor(cookie_, start, length)));
}

std::uint64_t Cookie::cached_bytes() const {
    std::uint64_t bytes = 0;
    std::uint64_t start = 0;
    std::uint64_t length = 0;
    for (std::uint64_t at = 0;
         cachefiles_occupancy(cookie_, at, version_.size - std::min(at, version_.size), &start,
                              &length) == 1;
         at = start + length)
        bytes += length;
    return bytes;
}

/// There is an object, and nothing in it: known only while its file is the same all the time, and
/// not while there is no daemon.
bool Cookie::is_empty() const {
    const std::uint64_t generation = plan(0, 1).generation;
    return generation != 0 && cached_bytes() == 0 && plan(0, 1).generation == generation;
}

std::uint64_t Cookie::store(const cachefiles_plan& plan, std::span<const char> data,
                            std::uint64_t start) const {
    const ssize_t stored = cachefiles_store(cookie_, &plan, data.data(), data.size(), start);
    return static_cast<std::uint64_t>(std::max<ssize_t>(stored, 0));
}

void Cookie::change_to(const Version& version) {
    const std::lock_guard lock(mutex_);
    if (version == version_)
        return;
    version_ = version;
    const std::string aux = version.bytes();
    static_cast<void>(cachefiles_invalidate(cookie_, aux.data(), aux.size(), version.size, 0));
}

/// What is on the disk is compared with what the cookie says when it is looked up, which happens
/// behind the back of who uses it. Planning waits for that.
void Cookie::wait_for_lookup() const {
    static_cast<void>(plan(0, 1));
}

void Cookie::adopt(const Version& version) {
    wait_for_lookup();
    const std::lock_guard lock(mutex_);
    version_ = version;
    const std::string aux = version.bytes();
    static_cast<void>(cachefiles_update(cookie_, aux.data(), aux.size(), &version.size));
}

void Cookie::begin_changes() {
    if (std::exchange(changing_, true))
        return;
    wait_for_lookup();
    static_cast<void>(cachefiles_use(cookie_, CACHEFILES_MODIFY));
}

void Cookie::wrote(std::span<const char> data, std::uint64_t start) {
    const std::lock_guard lock(mutex_);
    begin_changes();
    if (start + data.size() > version_.size) {
        version_.size = start + data.size();
        static_cast<void>(cachefiles_resize(cookie_, version_.size));
    }
    static_cast<void>(cachefiles_modify(cookie_, data.data(), data.size(), start));
}

void Cookie::resized(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    begin_changes();
    version_.size = size;
    static_cast<void>(cachefiles_resize(cookie_, size));
}

void Cookie::spoiled() {
    const std::lock_guard lock(mutex_);
    begin_changes();
    static_cast<void>(cachefiles_invalidate(cookie_, nullptr, 0, version_.size, 0));
}

void Cookie::end_changes(const Version& version) {
    const std::lock_guard lock(mutex_);
    // A size that is not the one that was written is somebody else's doing.
    const bool ours = version.size == version_.size;
    version_ = version;
    const std::string aux = version.bytes();
    if (!ours)
        static_cast<void>(cachefiles_invalidate(cookie_, aux.data(), aux.size(), version.size, 0));
    if (std::exchange(changing_, false))
        static_cast<void>(cachefiles_unuse(cookie_, aux.data(), aux.size(), &version.size));
}

std::shared_ptr<Cookie> Cookies::get(const std::string& key, const Version& version) {
    std::shared_ptr<Cookie> cookie;
    {
        std::unique_lock lock(mutex_);
        auto found = cookies_.find(key);
        while (found != cookies_.end() && (cookie = found->second.lock()) == nullptr) {
            left_.wait(lock);
            found = cookies_.find(key);
        }
        if (cookie == nullptr)
            cookies_[key]; // nobody else acquires it meanwhile
    }
    if (cookie != nullptr) {
        cookie->change_to(version);
        return cookie;
    }
    cookie = std::make_shared<Cookie>(*this, key, version);
    {
        const std::lock_guard lock(mutex_);
        cookies_[key] = cookie;
    }
    left_.notify_all();
    return cookie;
}

void Cookies::left(const std::string& key) {
    {
        const std::lock_guard lock(mutex_);
        cookies_.erase(key);
    }
    left_.notify_all();
}

} // namespace cachefiles::mount
