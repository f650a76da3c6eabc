// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>

/// What a network file system does with the file of an operation: fscache's read, prepare_read,
/// prepare_write, write and query_occupancy (fscache-model.md section 5), by the content map, which
/// alone says what is present. Any thread; errors are errnos.
namespace cachefiles::cache {

/// What a read does with blocks that are not present (section 5.1).
enum class HoleMode {
    ignore, ///< reads whatever the file has there: zeros, or what somebody is writing
    clear,  ///< zeros
    fail,   ///< ENODATA if nothing of the range is present; zeros where there is less
};

/// Bytes read or zeroed; short only at the end of the file. ESTALE: the content has ended, before
/// or meanwhile.
[[nodiscard]] std::expected<std::size_t, int> read(BackendFile& file, std::uint64_t start,
                                                   std::span<std::byte> buffer, HoleMode holes);

/// As in protocol/netfs/messages.hpp. What is written beyond the object's end is not kept: it is
/// resized first.
enum class WritePurpose {
    fill,   ///< of what is not there: the grant has whole blocks
    modify, ///< of whatever is there: the grant is what was asked for
};

/// Room for a write that is under way; gives the room back when it goes.
struct WriteGrant {
    std::uint64_t start = 0;
    std::uint64_t length = 0;
    std::shared_ptr<BackendFile> file;
    std::unique_ptr<SpaceHold> space; ///< null if what is written has its place already
};

/// Errors: EEXIST (fill: all of it is present), ENOSPC, ESTALE (the file has ended), EINVAL (a
/// length of 0, beyond what an object can have, or to fill what is beyond the object's end).
[[nodiscard]] std::expected<WriteGrant, int> prepare_write(const std::shared_ptr<BackendFile>& file,
                                                           WritePurpose purpose,
                                                           std::uint64_t start,
                                                           std::uint64_t length);

/// The bytes [start, start + length) of the grant are in the file; blocks that are whole become
/// present, and go to the index when they are on the disk. 0 or ESTALE, EINVAL (beyond the grant).
[[nodiscard]] int commit_write(WriteGrant grant, std::uint64_t start, std::uint64_t length);

} // namespace cachefiles::cache
