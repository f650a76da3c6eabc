// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/request.hpp"

#include "mount/request_watch.hpp"

#include <cerrno>

namespace cachefiles::mount {

Request::Request(RequestWatch& watch, fuse_req_t request, bool may_wait)
    : watch_(watch), request_(request), caller_(*fuse_req_ctx(request)),
      number_(watch.add(*this, may_wait)) {
    // It may not be answered in there, since the request's lock is held, and may be called when
    // this is gone.
    fuse_req_interrupt_func(
        request_,
        [](fuse_req_t interrupted, void* number) {
            watch_of(interrupted).interrupt(reinterpret_cast<std::uintptr_t>(number));
        },
        reinterpret_cast<void*>(number_)); // NOLINT(performance-no-int-to-ptr): it is no address
}

Request::~Request() {
    error(EIO);
    watch_.remove(number_, taken_);
}

bool Request::claim() {
    return !answered_.exchange(true, std::memory_order_acq_rel);
}

void Request::error(int error) {
    if (claim())
        fuse_reply_err(request_, error);
}

void Request::none() {
    if (claim())
        fuse_reply_none(request_);
}

void Request::attributes(const struct stat& status, double seconds) {
    if (claim())
        fuse_reply_attr(request_, &status, seconds);
}

bool Request::entry(const fuse_entry_param& entry) {
    return claim() && fuse_reply_entry(request_, &entry) == 0;
}

bool Request::created(const fuse_entry_param& entry, const fuse_file_info& file) {
    return claim() && fuse_reply_create(request_, &entry, &file) == 0;
}

bool Request::opened(const fuse_file_info& file) {
    return claim() && fuse_reply_open(request_, &file) == 0;
}

void Request::bytes(std::span<const char> data) {
    if (claim())
        fuse_reply_buf(request_, data.data(), data.size());
}

void Request::file_range(int descriptor, std::uint64_t start, std::size_t length) {
    if (!claim())
        return;
    fuse_bufvec range{};
    range.count = 1;
    range.buf[0].size = length;
    range.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
    range.buf[0].fd = descriptor;
    range.buf[0].pos = static_cast<off_t>(start);
    fuse_reply_data(request_, &range, FUSE_BUF_SPLICE_MOVE);
}

void Request::written(std::size_t count) {
    if (claim())
        fuse_reply_write(request_, count);
}

void Request::link(const char* target) {
    if (claim())
        fuse_reply_readlink(request_, target);
}

void Request::size(std::size_t bytes) {
    if (claim())
        fuse_reply_xattr(request_, bytes);
}

void Request::file_system(const struct statvfs& status) {
    if (claim())
        fuse_reply_statfs(request_, &status);
}

void Request::lock(const struct flock& lock) {
    if (claim())
        fuse_reply_lock(request_, &lock);
}

void Request::offset(off_t offset) {
    if (claim())
        fuse_reply_lseek(request_, offset);
}

bool Request::raw(std::span<const char> data) {
    return claim() && fuse_reply_buf(request_, data.data(), data.size()) == 0;
}

} // namespace cachefiles::mount
