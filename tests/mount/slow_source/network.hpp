// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/user/fuse.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace cachefiles::slow_source {

enum class Operation : std::size_t {
    lookup,
    getattr,
    setattr,
    readlink,
    make,
    remove,
    rename,
    open,
    read,
    write,
    fsync,
    readdir,
    statfs,
    xattr,
    allocate,
    seek,
    copy,
    count_ // of the others
};

/// What lies between the mount and its files: latency, one link of a certain bandwidth, and
/// faults, all of which can be changed at any time. Requests that are under way at the same time
/// share the bandwidth, and wait for the latency side by side. Any thread.
class Network final {
public:
    struct Options {
        std::chrono::microseconds delay{0}; ///< of each request
        std::uint64_t rate = 0;             ///< bytes in a second, read and written; 0: no limit
    };
    explicit Network(const Options& options) : delay_(options.delay), rate_(options.rate) {}

    /// Counts a request and keeps it for as long as a network would. 0, or the errno that it is to
    /// be answered with. A request that hangs ends when it is released, or with EINTR when its
    /// caller is killed or gets a signal.
    [[nodiscard]] int pass(fuse_req_t request, Operation operation);
    /// Waits until so many bytes have gone over the link.
    void transfer(Operation operation, std::size_t bytes);

    /// A line of the control socket: "ok", "hang", "error=EIO", "delay=MICROSECONDS",
    /// "rate=BYTES", "counts". The answer, without a newline: "ok", the counts, or what is wrong.
    [[nodiscard]] std::string command(std::string_view line);

    /// For the end: everything that waits, and comes, is answered with EIO.
    void stop();

private:
    using Clock = std::chrono::steady_clock;
    struct Waiter {
        Network& network;
        bool interrupted = false;
    };

    static void interrupt(fuse_req_t request, void* waiter);
    [[nodiscard]] int fault(fuse_req_t request);
    void set_fault(bool hanging, int error);
    [[nodiscard]] std::string counts();

    std::atomic<std::chrono::microseconds> delay_;
    std::atomic<std::uint64_t> rate_;
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Operation::count_)> counts_{};
    std::atomic<std::uint64_t> bytes_read_{0}, bytes_written_{0};

    std::mutex mutex_; // guards what follows
    std::condition_variable changed_;
    bool hanging_ = false;
    bool stopped_ = false;
    int error_ = 0;
    std::uint64_t hung_ = 0;   ///< requests that wait for the end of a fault
    Clock::time_point free_{}; ///< when the link has sent all that it was given
};

} // namespace cachefiles::slow_source
