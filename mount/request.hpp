// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mount/fuse.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>

namespace cachefiles::mount {

class RequestWatch;

/// A request of the kernel's, while it is worked on by the thread that took it. It is answered
/// once: by that thread, or by the RequestWatch, when the source takes too long or who waits for it
/// is killed; what the thread answers afterwards is dropped. Whoever has an answer that lends
/// something (a lookup, a handle) learns from the result that it was not taken, and takes it back.
class Request final {
public:
    /// `may_wait`: for as long as it takes, as for a lock.
    Request(RequestWatch& watch, fuse_req_t request, bool may_wait = false);
    /// Answers EIO if nobody did.
    ~Request();
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    [[nodiscard]] const fuse_ctx& caller() const { return caller_; }
    /// Somebody else has answered: what is still being waited for is for nobody.
    [[nodiscard]] bool abandoned() const { return answered_.load(std::memory_order_relaxed); }

    /// 0 is success.
    void error(int error);
    void none();
    void attributes(const struct stat& status, double seconds);
    [[nodiscard]] bool entry(const fuse_entry_param& entry);
    [[nodiscard]] bool created(const fuse_entry_param& entry, const fuse_file_info& file);
    [[nodiscard]] bool opened(const fuse_file_info& file);
    void bytes(std::span<const char> data);
    /// [start, start + length) of a file; moved by the kernel where it can.
    void file_range(int descriptor, std::uint64_t start, std::size_t length);
    void written(std::size_t count);
    void link(const char* target);
    void size(std::size_t bytes);
    void file_system(const struct statvfs& status);
    void lock(const struct flock& lock);
    void offset(off_t offset);
    /// The bytes of an answer that libfuse cannot make.
    [[nodiscard]] bool raw(std::span<const char> data);

private:
    friend class RequestWatch;
    [[nodiscard]] bool claim();

    RequestWatch& watch_;
    const fuse_req_t request_;
    const fuse_ctx caller_;
    const std::uint64_t number_;
    std::atomic<bool> answered_{false};
    bool taken_ = false; ///< answered by the watch; under its lock
};

} // namespace cachefiles::mount
