// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/passthrough.hpp"

#include "mount/file_system.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace cachefiles::mount {
namespace {

// <linux/fuse.h> of Linux 6.9; Debian 12's is older.
constexpr std::uint32_t init_opcode = 26;
constexpr std::uint32_t init_extended = 1U << 30;
constexpr std::uint64_t init_passthrough = std::uint64_t{1} << 37;
constexpr std::uint32_t open_passthrough = 1U << 7;

struct InHeader {
    std::uint32_t length, opcode;
    std::uint64_t unique, node;
    std::uint32_t uid, gid, pid;
    std::uint16_t total_extensions, padding;
};
static_assert(sizeof(InHeader) == 40);

struct InitIn {
    std::uint32_t major, minor, max_readahead, flags, flags2;
};
static_assert(sizeof(InitIn) == 20);

struct OutHeader {
    std::uint32_t length;
    std::int32_t error;
    std::uint64_t unique;
};
static_assert(sizeof(OutHeader) == 16);

struct InitOut {
    std::uint32_t major, minor, max_readahead, flags;
    std::uint16_t max_background, congestion_threshold;
    std::uint32_t max_write, time_granularity;
    std::uint16_t max_pages, map_alignment;
    std::uint32_t flags2, max_stack_depth;
    std::array<std::uint32_t, 6> unused;
};
static_assert(sizeof(InitOut) == 64);

struct BackingMap {
    std::int32_t file;
    std::uint32_t flags;
    std::uint64_t padding;
};
constexpr unsigned long backing_open = _IOW(229, 1, BackingMap);
constexpr unsigned long backing_close = _IOW(229, 2, std::uint32_t);

} // namespace

Passthrough::Passthrough(fuse_session* session, int device) : device_(device) {
    fuse_custom_io io{};
    io.read = read;
    io.writev = write;
    io.splice_receive = [](int in, off_t* in_offset, int out, off_t* out_offset, std::size_t length,
                           unsigned flags, void*) {
        return splice(in, in_offset, out, out_offset, length, flags);
    };
    io.splice_send = io.splice_receive;
    fuse_session_custom_io(session, &io, device);
}

void Passthrough::look_at_request(std::span<const char> request) {
    InHeader header{};
    InitIn init{};
    if (request.size() < sizeof header + sizeof init)
        return;
    std::memcpy(&header, request.data(), sizeof header);
    if (header.opcode != init_opcode)
        return;
    std::memcpy(&init, request.data() + sizeof header, sizeof init);
    const std::uint64_t flags = init.flags | (std::uint64_t{init.flags2} << 32);
    offered_ = (init.flags & init_extended) != 0 && (flags & init_passthrough) != 0;
    init_request_ = header.unique;
}

ssize_t Passthrough::read(int device, void* buffer, std::size_t size, void* session) {
    const ssize_t length = ::read(device, buffer, size);
    Passthrough& self = *static_cast<FileSystem*>(session)->passthrough();
    if (length > 0 && self.init_request_ == 0)
        self.look_at_request({static_cast<const char*>(buffer), static_cast<std::size_t>(length)});
    return length;
}

bool Passthrough::is_init_answer(const iovec* parts, int count) const {
    OutHeader header{};
    if (available_ || !offered_ || count != 2 || parts[0].iov_len != sizeof header ||
        parts[1].iov_len != sizeof(InitOut))
        return false;
    std::memcpy(&header, parts[0].iov_base, sizeof header);
    return header.error == 0 && header.unique == init_request_;
}

ssize_t Passthrough::write(int device, iovec* parts, int count, void* session) {
    Passthrough& self = *static_cast<FileSystem*>(session)->passthrough();
    if (!self.is_init_answer(parts, count))
        return writev(device, parts, count);
    InitOut answer{};
    std::memcpy(&answer, parts[1].iov_base, sizeof answer);
    answer.flags |= init_extended;
    answer.flags2 |= static_cast<std::uint32_t>(init_passthrough >> 32);
    answer.max_stack_depth = 1; // the cache's own file system may not be a stacked one
    const std::array<iovec, 2> patched{{parts[0], {&answer, sizeof answer}}};
    const ssize_t written = writev(device, patched.data(), 2);
    self.available_ = written > 0;
    return written;
}

int Passthrough::open_backing(int file) {
    const BackingMap map{file, 0, 0};
    const int number = ioctl(device_, backing_open, &map);
    return number < 0 ? -errno : number;
}

void Passthrough::close_backing(int number) {
    const auto value = static_cast<std::uint32_t>(number);
    static_cast<void>(ioctl(device_, backing_close, &value));
}

Passthrough::Opened Passthrough::opened(std::uint64_t handle, int backing) {
    return {handle, open_passthrough, backing};
}

} // namespace cachefiles::mount
