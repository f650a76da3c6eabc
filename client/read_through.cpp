// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/read_through.hpp"

#include "client/fetching.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace cachefiles::client {
namespace {

using protocol::netfs::block_size;
/// Of what is got for a smaller read at a time.
constexpr std::uint64_t most_buffered = 1 << 20;
/// A file that ends again and again between the plan and the read.
constexpr int most_misses = 4;

/// "Nothing yet, plan again": no errno.
constexpr ssize_t again = std::numeric_limits<ssize_t>::min();

} // namespace

ssize_t ReadThrough::read(char* buffer, std::size_t length, std::uint64_t start) {
    const ssize_t hit = connection_.read(cookie_, buffer, length, start);
    if (hit != -ENODATA)
        return hit;
    std::size_t done = 0;
    while (done < length) {
        const ssize_t count = step(buffer + done, length - done, start + done);
        if (count == again)
            continue;
        if (count <= 0)
            return done > 0 ? static_cast<ssize_t>(done) : count;
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
}

/// Some of it: bytes, 0 at the end, an errno.
ssize_t ReadThrough::step(char* buffer, std::size_t length, std::uint64_t start) {
    const cachefiles_plan plan = connection_.plan(cookie_, start, length);
    switch (plan.source) {
    case CACHEFILES_ZERO:
        return 0;
    case CACHEFILES_STORE:
        return fill(plan, buffer, length, start);
    case CACHEFILES_READ: {
        const ssize_t count = connection_.read(cookie_, buffer, plan.length, start);
        if (count != -ENODATA)
            return count;
        return ++misses_ < most_misses ? again : fetch(buffer, plan.length, start);
    }
    case CACHEFILES_DOWNLOAD:
        break;
    }
    return fetch(buffer, plan.length, start);
}

/// Gets whole blocks, stores them, and has what was asked for of them.
ssize_t ReadThrough::fill(const cachefiles_plan& plan, char* buffer, std::size_t length,
                          std::uint64_t start) {
    const std::uint64_t plan_end = plan.start + plan.length;
    const std::uint64_t end = start + std::min<std::uint64_t>(length, plan_end - start);
    // Into the caller's buffer, if that holds whole blocks from its beginning.
    const std::uint64_t direct_end = end == plan_end ? end : end - end % block_size;
    const bool direct = start == plan.start && direct_end > start;
    const std::uint64_t from = direct ? start : std::max(plan.start, start - start % block_size);
    const std::uint64_t to = direct ? direct_end
                                    : std::min({plan_end, from + most_buffered,
                                                end + (block_size - 1) - (end - 1) % block_size});

    const Fetching fetching(connection_.mutex(), cookie_, from, to);
    if (!fetching.is_mine())
        return again;
    // Somebody may have got it between the plan and now.
    const cachefiles_plan now = connection_.plan(cookie_, from, to - from);
    if (now.source != CACHEFILES_STORE || now.start != from || now.length != to - from)
        return again;
    char* blocks = buffer;
    if (!direct) {
        blocks_.resize(to - from);
        blocks = blocks_.data();
    }
    const ssize_t got = fetch(blocks, to - from, from);
    if (got <= 0)
        return got;
    const ssize_t stored =
        connection_.store(cookie_, now, blocks, static_cast<std::size_t>(got), from);
    static_cast<void>(stored); // it has the data, stored or not
    if (direct)
        return got;
    const std::uint64_t got_end = std::min(end, from + static_cast<std::uint64_t>(got));
    if (got_end <= start)
        return 0;
    std::memcpy(buffer, blocks + (start - from), got_end - start);
    return static_cast<ssize_t>(got_end - start);
}

/// All of it, or as much as the source has.
ssize_t ReadThrough::fetch(char* buffer, std::size_t length, std::uint64_t start) {
    std::size_t done = 0;
    while (done < length) {
        const ssize_t count =
            source_.fetch(source_.context, buffer + done, length - done, start + done);
        if (count < 0 && done == 0)
            return std::max<ssize_t>(count, -4095);
        if (count <= 0)
            break;
        if (static_cast<std::size_t>(count) > length - done)
            return -EIO;
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
}

} // namespace cachefiles::client
