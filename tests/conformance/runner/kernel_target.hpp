// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "tests/conformance/runner/target.hpp"

namespace cachefiles::conformance {

/// The driver of this machine's kernel: /dev/cachefiles, /proc/fs/fscache, and our module for the
/// network file system's side.
class KernelTarget final : public Target {
public:
    /// Errors: SystemError: the module is not loaded.
    KernelTarget();

    [[nodiscard]] Reply execute(const Words& request) override;
    [[nodiscard]] std::unique_ptr<Pending> start(const Words& request) override;
    void settle() override;
    void wait_for_lru() override;

    [[nodiscard]] std::vector<protocol::CacheEntry> caches() override;
    [[nodiscard]] std::vector<protocol::VolumeEntry> volumes() override;
    [[nodiscard]] std::vector<protocol::CookieEntry> cookies() override;
    [[nodiscard]] Stats stats() override;

private:
    [[nodiscard]] Reply device(const Words& request);

    Fd module_;
    Fd device_;
};

} // namespace cachefiles::conformance
