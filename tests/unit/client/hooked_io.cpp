// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/client/hooked_io.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace cachefiles::tests {
namespace {

class NextCall {
public:
    void set(IoHook hook) {
        const std::lock_guard lock(mutex_);
        hook_ = std::move(hook);
        set_ = true;
    }
    std::optional<ssize_t> call() {
        if (!set_.exchange(false))
            return std::nullopt;
        IoHook hook;
        {
            const std::lock_guard lock(mutex_);
            hook = std::exchange(hook_, nullptr);
        }
        return hook();
    }

private:
    std::mutex mutex_;
    IoHook hook_;
    std::atomic<bool> set_{false};
};

NextCall next_pread;
NextCall next_pwrite;

} // namespace

void hook_next_pread(IoHook hook) {
    next_pread.set(std::move(hook));
}

void hook_next_pwrite(IoHook hook) {
    next_pwrite.set(std::move(hook));
}

} // namespace cachefiles::tests

// ld --wrap
extern "C" {
ssize_t __real_pread64(int fd, void* buffer, size_t length, off_t start);
ssize_t __real_pwrite64(int fd, const void* buffer, size_t length, off_t start);

ssize_t __wrap_pread64(int fd, void* buffer, size_t length, off_t start) {
    const std::optional<ssize_t> result = cachefiles::tests::next_pread.call();
    return result ? *result : __real_pread64(fd, buffer, length, start);
}

ssize_t __wrap_pwrite64(int fd, const void* buffer, size_t length, off_t start) {
    const std::optional<ssize_t> result = cachefiles::tests::next_pwrite.call();
    return result ? *result : __real_pwrite64(fd, buffer, length, start);
}
}
