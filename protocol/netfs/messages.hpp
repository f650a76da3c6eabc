// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "protocol/key.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a file system and the daemon say to each other over /run/cachefilesd/netfs, a
/// SOCK_SEQPACKET socket: one message is one packet. cachefiles-netfs(7) is the specification; the
/// operations are fscache's (fscache-model.md section 9).
///
/// Numbers are little-endian. Every message begins with a header of 16 bytes:
///
///   off 0  u16 type      Type; a reply has the request's, with reply_bit
///   off 2  u16 reserved  0
///   off 4  u32 serial    the request's, chosen by the client; 0 in notices and in Touch
///   off 8  u32 error     of a reply: 0 or an errno of Linux; otherwise 0
///   off 12 u32 length    of the whole message
///
/// A reply with an error has no body. Replies may come in another order than the requests: some
/// wait for the disk, or for the end of a cookie of the same key.
namespace cachefiles::protocol::netfs {

inline constexpr std::uint16_t oldest_version = 1;
inline constexpr std::uint16_t newest_version = 1;

inline constexpr std::size_t header_size = 16;
inline constexpr std::size_t max_message = 4096; ///< bytes of any message, header included
inline constexpr std::size_t max_key = longest_key;
inline constexpr std::size_t max_aux = 255;
inline constexpr std::size_t max_name = 255; ///< of a client, of a cache
inline constexpr std::size_t max_touches = 1000;
inline constexpr std::size_t max_list_text = max_message - header_size - 2;

inline constexpr std::uint16_t reply_bit = 0x8000;
inline constexpr std::uint16_t notice_bit = 0x4000;

enum class Type : std::uint16_t {
    hello = 1,
    acquire_volume = 2,
    relinquish_volume = 3,
    acquire_cookie = 4,
    relinquish_cookie = 5,
    use = 6,
    unuse = 7,
    update = 8,
    resize = 9,
    invalidate = 10,
    open = 11,
    prepare_write = 12,
    commit_write = 13,
    touch = 14,
    note_page_release = 15,
    list = 16,
    // Notices: from the daemon, unasked.
    file_ended = 1 | notice_bit,
    cache_state = 2 | notice_bit,
};

// --- requests -----------------------------------------------------------------------------------

/// The first message; nothing else is answered before it.
struct Hello {
    std::uint16_t oldest = oldest_version; ///< versions that the client can speak
    std::uint16_t newest = newest_version;
    std::string name; ///< of the program, for people

    bool operator==(const Hello&) const = default;
};

/// EINVAL for a key that is empty or too long; EBUSY: somebody has it; EACCES: it belongs to
/// another user; EMFILE: the client's limit.
struct AcquireVolume {
    std::string key;   ///< 1 to max_key bytes
    std::string cache; ///< its tag; empty: any
    std::string coherency;

    bool operator==(const AcquireVolume&) const = default;
};

struct RelinquishVolume {
    std::uint32_t volume = 0;
    std::optional<std::string> coherency;
    bool invalidate = false;

    bool operator==(const RelinquishVolume&) const = default;
};

/// EINVAL, EEXIST (acquired already), EMFILE.
struct AcquireCookie {
    std::uint32_t volume = 0;
    std::string key; ///< 1 to max_key bytes
    std::string aux; ///< coherency data, at most max_aux bytes
    std::uint64_t size = 0;

    bool operator==(const AcquireCookie&) const = default;
};

/// EBUSY while it is in use.
struct RelinquishCookie {
    std::uint32_t cookie = 0;
    bool retire = false;

    bool operator==(const RelinquishCookie&) const = default;
};

/// Answered at once: the lookup goes on meanwhile.
struct Use {
    std::uint32_t cookie = 0;
    bool will_modify = false;

    bool operator==(const Use&) const = default;
};

struct Unuse {
    std::uint32_t cookie = 0;
    std::optional<std::string> aux;
    std::optional<std::uint64_t> size;

    bool operator==(const Unuse&) const = default;
};

struct Update {
    std::uint32_t cookie = 0;
    std::optional<std::string> aux;
    std::optional<std::uint64_t> size;

    bool operator==(const Update&) const = default;
};

/// ENOBUFS: not cached, or invalidated meanwhile; nothing was changed.
struct Resize {
    std::uint32_t cookie = 0;
    std::uint64_t size = 0;

    bool operator==(const Resize&) const = default;
};

struct Invalidate {
    std::uint32_t cookie = 0;
    std::optional<std::string> aux;
    std::uint64_t size = 0;
    bool direct_write = false;

    bool operator==(const Invalidate&) const = default;
};

/// The file and the content map of a cookie that is in use; waits for its lookup. ENOBUFS: not
/// cached.
struct Open {
    std::uint32_t cookie = 0;

    bool operator==(const Open&) const = default;
};

/// What a write is for.
enum class WritePurpose : std::uint8_t {
    fill = 0,   ///< of what is not there: the grant has whole blocks, and all of it is written
    modify = 1, ///< of whatever is there; the cookie is in use with will_modify
};

/// Room for a write. The grant may be longer at both ends (fill: whole blocks) or shorter. EEXIST:
/// all of it is there already, or the first block that is not is being filled under another grant;
/// ENOBUFS: not cached; ENOSPC: no room; ESTALE: the file of that generation is not the file any
/// more; EPERM: modify without will_modify.
struct PrepareWrite {
    std::uint32_t cookie = 0;
    WritePurpose purpose = WritePurpose::fill;
    std::uint64_t generation = 0; ///< OpenReply's
    std::uint64_t start = 0;
    std::uint64_t length = 0; ///< not 0

    bool operator==(const PrepareWrite&) const = default;
};

/// The write has ended, well or not; the grant is used up. Only what is committed is ever read.
/// ESTALE: the file was replaced meanwhile.
struct CommitWrite {
    std::uint64_t grant = 0;
    std::uint64_t start = 0;  ///< what was written, within the grant
    std::uint64_t length = 0; ///< 0: nothing

    bool operator==(const CommitWrite&) const = default;
};

/// These were used since the last time. Has no reply.
struct Touch {
    std::vector<std::uint32_t> cookies; ///< at most max_touches

    bool operator==(const Touch&) const = default;
};

struct NotePageRelease {
    std::uint32_t cookie = 0;

    bool operator==(const NotePageRelease&) const = default;
};

/// A part of what /proc/fs/fscache would show, of the client's own; an empty text is the end.
struct List {
    enum class What : std::uint8_t { caches = 0, volumes = 1, cookies = 2, stats = 3 };
    What what = What::caches;
    std::uint32_t first = 0; ///< number of the line to begin with

    bool operator==(const List&) const = default;
};

/// In the order of Type.
using Request = std::variant<Hello, AcquireVolume, RelinquishVolume, AcquireCookie,
                             RelinquishCookie, Use, Unuse, Update, Resize, Invalidate, Open,
                             PrepareWrite, CommitWrite, Touch, NotePageRelease, List>;

// --- replies ------------------------------------------------------------------------------------

/// With one descriptor: the arena (shared_map.hpp).
struct HelloReply {
    std::uint16_t version = 0;
    std::uint32_t block_size = 0; ///< bytes for each bit of a content map
    std::uint32_t max_volumes = 0;
    std::uint32_t max_cookies = 0;
    std::uint32_t max_grants = 0; ///< at a time
    std::uint64_t arena_size = 0;

    bool operator==(const HelloReply&) const = default;
};

struct AcquireVolumeReply {
    std::uint32_t volume = 0;

    bool operator==(const AcquireVolumeReply&) const = default;
};

struct AcquireCookieReply {
    std::uint32_t cookie = 0;

    bool operator==(const AcquireCookieReply&) const = default;
};

/// With one descriptor: the file, for pread and pwrite. It is not to be passed on, and is closed
/// when its generation has ended.
struct OpenReply {
    std::uint64_t generation = 0;
    std::uint64_t object_size = 0;
    std::uint64_t slot = 0;     ///< offset of the content map's slot in the arena
    std::uint32_t capacity = 0; ///< blocks that the slot has bits for

    bool operator==(const OpenReply&) const = default;
};

struct PrepareWriteReply {
    std::uint64_t grant = 0;
    std::uint64_t start = 0;
    std::uint64_t length = 0;

    bool operator==(const PrepareWriteReply&) const = default;
};

struct ListReply {
    std::string text; ///< whole lines; at most max_list_text bytes

    bool operator==(const ListReply&) const = default;
};

struct Empty {
    bool operator==(const Empty&) const = default;
};

using ReplyBody = std::variant<Empty, HelloReply, AcquireVolumeReply, AcquireCookieReply, OpenReply,
                               PrepareWriteReply, ListReply>;

struct Reply {
    Type type{}; ///< the request's
    std::uint32_t serial = 0;
    int error = 0;
    ReplyBody body; ///< Empty on errors, and where there is nothing to say

    bool operator==(const Reply&) const = default;
};

// --- notices ------------------------------------------------------------------------------------

/// The file of that generation has ended: nothing that was read from it since counts. The slot says
/// so, too, and earlier.
struct FileEnded {
    enum class Why : std::uint8_t {
        invalidated = 0, ///< Open gives the new one
        withdrawn = 1,   ///< with its cache; a use after the next CacheState looks it up again
        failed = 2,
        discarded = 3, ///< nobody used it
    };
    std::uint32_t cookie = 0;
    std::uint64_t generation = 0;
    Why why{};

    bool operator==(const FileEnded&) const = default;
};

/// A cache that the client has volumes of went away or came (back).
struct CacheStateChanged {
    bool online = false;
    std::string cache;

    bool operator==(const CacheStateChanged&) const = default;
};

/// In the order of Type.
using Notice = std::variant<FileEnded, CacheStateChanged>;

} // namespace cachefiles::protocol::netfs
