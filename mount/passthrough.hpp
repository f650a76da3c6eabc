// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mount/fuse.hpp"

#include <atomic>
#include <cstdint>
#include <span>

namespace cachefiles::mount {

/// FUSE passthrough (Linux 6.9, Documentation/filesystems/fuse-passthrough.rst): the kernel reads
/// an open file from another that it was told of, without asking. libfuse 3.14 does not know it:
/// here it is negotiated by adding to libfuse's answer to FUSE_INIT, and used by ioctl(2)s of the
/// device. It needs CAP_SYS_ADMIN.
class Passthrough final {
public:
    /// Serves the session by this device, for which the caller has mounted. The session keeps
    /// pointing here.
    Passthrough(fuse_session* session, int device);
    Passthrough(const Passthrough&) = delete;
    Passthrough& operator=(const Passthrough&) = delete;

    /// The kernel has it.
    [[nodiscard]] bool available() const { return available_.load(std::memory_order_relaxed); }

    /// The kernel's number for a file, greater than 0; or a negative errno.
    [[nodiscard]] int open_backing(int file);
    /// Those who have it open keep it.
    void close_backing(int number);

    /// The answer to FUSE_OPEN that says so.
    struct Opened {
        std::uint64_t handle = 0;
        std::uint32_t flags = 0;
        std::int32_t backing = 0;
    };
    [[nodiscard]] static Opened opened(std::uint64_t handle, int backing);

private:
    void look_at_request(std::span<const char> request);
    [[nodiscard]] bool is_init_answer(const iovec* parts, int count) const;

    static ssize_t read(int device, void* buffer, std::size_t size, void* session);
    static ssize_t write(int device, iovec* parts, int count, void* session);

    int device_;
    std::atomic<std::uint64_t> init_request_{0}; ///< to be answered; FUSE numbers them from 2
    std::atomic<bool> offered_{false};
    std::atomic<bool> available_{false};
};

} // namespace cachefiles::mount
