// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/version.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <ctime>

namespace cachefiles::mount {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes() copies");

/// The tick of a clock that has parts of seconds: 10 ms at 100 Hz, and room for servers' clocks.
constexpr std::int64_t fine_tick = 200'000'000;
constexpr std::int64_t coarse_tick = 2'000'000'000;
constexpr std::int64_t second = 1'000'000'000;

Version::Time time_of(const struct statx_timestamp& time) {
    return {time.tv_sec, time.tv_nsec};
}

template<typename Value>
void append(std::string& bytes, const Value& value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof value);
}

} // namespace

Version Version::of(const struct statx& attributes) {
    return {attributes.stx_size, time_of(attributes.stx_mtime), time_of(attributes.stx_ctime)};
}

Version::Time Version::now() {
    timespec time{};
    clock_gettime(CLOCK_REALTIME, &time);
    return {time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec)};
}

std::string Version::bytes() const {
    std::string bytes;
    append(bytes, size);
    append(bytes, modified.seconds);
    append(bytes, modified.nanoseconds);
    append(bytes, changed.seconds);
    append(bytes, changed.nanoseconds);
    return bytes;
}

bool Version::settled(const Time& read_at) const {
    const Time newest = std::max(modified, changed);
    const bool whole_seconds = modified.nanoseconds == 0 && changed.nanoseconds == 0;
    const std::int64_t seconds = read_at.seconds - newest.seconds;
    if (seconds > 3 || seconds < -3)
        return seconds > 0;
    const std::int64_t age =
        seconds * second + read_at.nanoseconds - std::int64_t{newest.nanoseconds};
    return age > (whole_seconds ? coarse_tick : fine_tick);
}

} // namespace cachefiles::mount
