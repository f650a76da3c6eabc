// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace cachefiles::daemon::netfs {

/// What a client may have at a time, and all of them together: so that no client kills the daemon,
/// and none starves the others. One user, root apart, gets half of a total at most.
struct Limits {
    /// Of one client, or of several.
    struct Resources {
        /// Each is a directory with 256 others; a client has one for each of its mounts.
        std::uint64_t volumes = 0;
        /// About 1 KiB of memory each, and one for each inode that the client keeps.
        std::uint64_t cookies = 0;
        /// Cookies in use, and those whose file is not closed yet: a descriptor each.
        std::uint64_t files = 0;
        /// Writes under way. Each keeps a file open, also one that was replaced.
        std::uint64_t grants = 0;
        /// Room on the disk that is held for them: nobody else can have it.
        std::uint64_t granted_bytes = 0;
        /// Memory for content maps: 512 bytes for each GiB of an object, and 64 for each object,
        /// rounded up to a power of two.
        std::uint64_t arena_bytes = 0;
        /// Replies and notices that the client has not read yet, beyond the socket's own buffer.
        std::uint64_t queued_bytes = 0;
    };

    Resources client{.volumes = 64,
                     .cookies = 65'536,
                     .files = 8'192,
                     .grants = 256,
                     .granted_bytes = std::uint64_t{1} << 30,
                     .arena_bytes = 16 << 20, // 65,536 maps of up to 384 MiB, or 16,384 of 1 GiB
                     .queued_bytes = 1 << 20};
    Resources total{.volumes = 1'024,
                    .cookies = 262'144,
                    .files = 65'536,
                    .grants = 4'096,
                    .granted_bytes = std::uint64_t{16} << 30,
                    .arena_bytes = 256 << 20,
                    .queued_bytes = 64 << 20};

    /// A descriptor each, and one for the arena.
    std::size_t connections = 1'024;
    std::size_t connections_of_user = 256; ///< root apart
    /// Replies and notices; a client that lets more pile up is hung up on. Each may keep a file
    /// open.
    std::size_t queued_packets = 1'024;
    /// Requests that wait for the disk or for another cookie's end.
    std::size_t pending_requests = 1'024;
    /// Of all cookies together: their uses are undone one by one when the client dies.
    std::size_t uses = 262'144;
    /// Longer ones are shortened: so one write does not take all the room that a client may hold.
    std::uint64_t grant_bytes = 64 << 20;
    /// Blocks that one map shows: of the first TiB of an object. What is beyond is never found.
    std::uint64_t map_blocks = std::uint64_t{1} << 22;
    /// Packets of one client that are taken before the others have their turn.
    std::size_t packets_in_a_turn = 16;
};

} // namespace cachefiles::daemon::netfs
