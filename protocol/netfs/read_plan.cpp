// SPDX-License-Identifier: LGPL-2.1-or-later
#include "protocol/netfs/read_plan.hpp"

#include "protocol/netfs/shared_map.hpp"

#include <algorithm>

namespace cachefiles::protocol::netfs {
namespace {

/// Of the block before `block`, as far as the object goes. Nothing overflows, however large it is.
std::uint64_t end_of(std::uint64_t block, std::uint64_t object_size) {
    return block > object_size / block_size ? object_size : block * block_size;
}

} // namespace

ReadPlan plan_read(std::uint64_t start, std::uint64_t length, std::uint64_t object_size,
                   const std::function<std::uint64_t(std::uint64_t from, bool present)>& next) {
    if (length == 0 || start >= object_size)
        return {ReadSource::zero, start, length};
    const std::uint64_t end = start + std::min(length, object_size - start);
    const std::uint64_t first = start / block_size;
    const std::uint64_t behind = (end - 1) / block_size + 1;

    const std::uint64_t present = next(first, true);
    if (present == first) {
        const std::uint64_t absent = std::max(next(first, false), first + 1);
        return {ReadSource::cache, start, std::min(end, end_of(absent, object_size)) - start};
    }
    const std::uint64_t from = first * block_size;
    const std::uint64_t to = end_of(std::min(behind, present), object_size);
    return {ReadSource::download_store, from, to - from};
}

} // namespace cachefiles::protocol::netfs
