// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/slow_source/network.hpp"

#include <fmt/format.h>

#include <string.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <thread>

namespace cachefiles::slow_source {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Operation::count_)> names{
    "lookup", "getattr", "setattr", "readlink", "make",  "remove",   "rename", "open", "read",
    "write",  "fsync",   "readdir", "statfs",   "xattr", "allocate", "seek",   "copy"};

/// The number of "EIO"; 0 if there is no such error.
int error_named(std::string_view name) {
    constexpr int last = 133; // EHWPOISON
    for (int error = 1; error <= last; ++error) {
        const char* const known = strerrorname_np(error);
        if (known != nullptr && name == known)
            return error;
    }
    return 0;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

int Network::pass(fuse_req_t request, Operation operation) {
    ++counts_[static_cast<std::size_t>(operation)];
    if (const int error = fault(request); error != 0)
        return error;
    if (const auto delay = delay_.load(); delay.count() > 0)
        std::this_thread::sleep_for(delay);
    return 0;
}

void Network::transfer(Operation operation, std::size_t bytes) {
    (operation == Operation::write ? bytes_written_ : bytes_read_) += bytes;
    const std::uint64_t rate = rate_;
    if (rate == 0)
        return;
    const std::chrono::duration<double> time(static_cast<double>(bytes) /
                                             static_cast<double>(rate));
    Clock::time_point end;
    {
        const std::lock_guard lock(mutex_);
        free_ = std::max(free_, Clock::now()) + std::chrono::duration_cast<Clock::duration>(time);
        end = free_;
    }
    std::this_thread::sleep_until(end);
}

/// Called with a lock of libfuse's, which is not taken while ours is held.
void Network::interrupt(fuse_req_t /*request*/, void* waiter) {
    auto& waiting = *static_cast<Waiter*>(waiter);
    const std::lock_guard lock(waiting.network.mutex_);
    waiting.interrupted = true;
    waiting.network.changed_.notify_all();
}

int Network::fault(fuse_req_t request) {
    Waiter waiter{*this};
    std::unique_lock lock(mutex_);
    if (!hanging_ || stopped_)
        return stopped_ ? EIO : error_;
    lock.unlock();
    fuse_req_interrupt_func(request, &Network::interrupt, &waiter);
    lock.lock();
    ++hung_;
    changed_.wait(lock, [&] { return !hanging_ || stopped_ || waiter.interrupted; });
    --hung_;
    const int error = stopped_ ? EIO : hanging_ ? EINTR : error_;
    lock.unlock();
    fuse_req_interrupt_func(request, nullptr, nullptr);
    return error;
}

std::string Network::command(std::string_view line) {
    const std::size_t equals = line.find('=');
    const std::string_view verb = line.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : line.substr(equals + 1);
    const int error = error_named(value);
    const std::optional<std::uint64_t> number = number_of(value);
    if (line == "counts")
        return counts();
    if (line == "ok")
        set_fault(false, 0);
    else if (line == "hang")
        set_fault(true, 0);
    else if (verb == "error" && error != 0)
        set_fault(false, error);
    else if (verb == "delay" && number)
        delay_ = std::chrono::microseconds(*number);
    else if (verb == "rate" && number)
        rate_ = *number;
    else
        return fmt::format("no such command: {}", line);
    return "ok";
}

void Network::set_fault(bool hanging, int error) {
    const std::lock_guard lock(mutex_);
    hanging_ = hanging;
    error_ = error;
    changed_.notify_all();
}

void Network::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

std::string Network::counts() {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += fmt::format("{}={} ", names[i], counts_[i].load());
    const std::lock_guard lock(mutex_);
    return text + fmt::format("bytes_read={} bytes_written={} hung={}", bytes_read_.load(),
                              bytes_written_.load(), hung_);
}

} // namespace cachefiles::slow_source
