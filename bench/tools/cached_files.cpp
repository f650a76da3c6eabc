// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/tools/cached_files.hpp"

#include "protocol/fanout_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "protocol/volume_name.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>
#include <utility>

namespace cachefiles::bench {
namespace {

constexpr const char* coherency_data = "1";

std::string key_of(std::size_t number) {
    return "file" + std::to_string(number);
}

} // namespace

void check(long result, const std::string& what) {
    if (result < 0)
        throw std::runtime_error(what + ": " + std::strerror(static_cast<int>(-result)));
}

std::vector<char> contents_of(std::size_t number, std::size_t bytes) {
    std::vector<char> data(bytes);
    std::mt19937_64 random(number);
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= bytes; at += sizeof(std::uint64_t)) {
        const std::uint64_t value = random();
        std::memcpy(&data[at], &value, sizeof value);
    }
    return data;
}

CachedFiles::CachedFiles(const char* socket, std::string cache, std::string volume,
                         std::size_t bytes)
    : cache_(std::move(cache)), volume_key_(std::move(volume)), bytes_(bytes) {
    check(cachefiles_connect(socket, "bench", CACHEFILES_CONNECT_NOW, &connection_), "connect");
    check(cachefiles_acquire_volume(connection_, volume_key_.data(), volume_key_.size(), nullptr,
                                    nullptr, 0, &volume_),
          "acquire volume");
}

CachedFiles::~CachedFiles() {
    cachefiles_close(connection_);
}

void CachedFiles::acquire(std::size_t number) {
    const std::string key = key_of(number);
    cachefiles_cookie* cookie = nullptr;
    check(cachefiles_acquire_cookie(volume_, key.data(), key.size(), coherency_data, 1, bytes_,
                                    &cookie),
          "acquire " + key);
    cookies_.push_back(cookie);
}

void CachedFiles::store(std::size_t first, std::size_t count, std::size_t piece,
                        const std::vector<char>& data) {
    first_ = first;
    for (std::size_t number = first; number < first + count; ++number) {
        acquire(number);
        cachefiles_cookie* const cookie = cookies_.back();
        check(cachefiles_use(cookie, 0), "use");
        for (std::size_t at = 0; at < bytes_; at += piece) {
            const std::size_t length = std::min(piece, bytes_ - at);
            cachefiles_plan plan{};
            cachefiles_plan_read(cookie, at, length, &plan);
            if (plan.source != CACHEFILES_STORE || plan.start != at || plan.length != length)
                throw std::runtime_error("the daemon does not want what was downloaded");
            const ssize_t stored = cachefiles_store(cookie, &plan, &data[at], length, at);
            check(stored, "store");
            if (static_cast<std::size_t>(stored) != length)
                throw std::runtime_error("not all was stored");
        }
    }
}

void CachedFiles::let_go(bool retire) {
    const std::size_t count = cookies_.size();
    for (cachefiles_cookie* const cookie : std::exchange(cookies_, {})) {
        check(cachefiles_unuse(cookie, nullptr, 0, nullptr), "unuse");
        cachefiles_relinquish_cookie(cookie, retire ? 1 : 0);
    }
    // Acquiring the same key waits for the end of the cookie that had it.
    for (std::size_t number = first_; number < first_ + count; ++number)
        acquire(number);
    for (cachefiles_cookie* const cookie : std::exchange(cookies_, {}))
        cachefiles_relinquish_cookie(cookie, 0);
}

void CachedFiles::take_up(std::size_t first, std::size_t count) {
    first_ = first;
    for (std::size_t number = first; number < first + count; ++number) {
        acquire(number);
        check(cachefiles_use(cookies_.back(), 0), "use");
    }
    for (cachefiles_cookie* const cookie : cookies_) {
        cachefiles_plan plan{};
        cachefiles_plan_read(cookie, 0, bytes_, &plan);
        if (plan.source != CACHEFILES_READ || plan.length != bytes_)
            throw std::runtime_error("not all that was stored is there");
    }
}

std::string CachedFiles::path(std::size_t number) const {
    const std::string key = key_of(number);
    const std::uint32_t hash = protocol::cookie_hash(protocol::volume_hash(volume_key_), key);
    return cache_ + "/cache/" + protocol::encode_volume_name(volume_key_).value() + "/" +
           protocol::format_fanout_name(protocol::fanout_of(hash)) + "/" +
           protocol::encode_object_name(key).value();
}

} // namespace cachefiles::bench
