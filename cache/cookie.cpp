// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/cookie.hpp"

#include "protocol/hash.hpp"

#include <utility>

namespace cachefiles::cache {

Cookie::Cookie(std::uint32_t number, VolumePtr in, const std::string& key, Coherency contents)
    : id(number), volume(std::move(in)),
      identity{.key = key, .hash = protocol::cookie_hash(volume->hash, key)},
      coherency(std::move(contents)) {}

std::int32_t Cookie::references() const {
    return (flags.test(CookieFlag::relinquished) ? 0 : 1) + (queued ? 1 : 0) + (running ? 1 : 0) +
           (on_lru ? 1 : 0) + (has_object ? 1 : 0) + (successor != nullptr ? 1 : 0);
}

bool Cookie::has_request() const {
    return flags.test(CookieFlag::do_relinquish) || flags.test(CookieFlag::do_withdraw) ||
           flags.test(CookieFlag::do_lru_discard);
}

} // namespace cachefiles::cache
