// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/driver/driver.hpp"
#include "cache/model.hpp"
#include "index/index.hpp"
#include "tests/conformance/runner/target.hpp"

#include <memory>
#include <string>

namespace cachefiles::conformance {

/// The user backend's device, without the FUSE file in front of it: what the system call layer
/// answers by itself is answered here. Like a file, it is one thread's at a time.
class UserDevice final {
public:
    UserDevice(cache::Model& model, const Clock& clock, Log& log);

    [[nodiscard]] Reply execute(const Words& request);
    void add_stats(Stats& stats) const;

private:
    [[nodiscard]] Reply open(const std::string& how);
    [[nodiscard]] Reply write(const std::string& bytes);
    [[nodiscard]] Reply read(std::size_t size);
    [[nodiscard]] Reply poll() const;

    [[nodiscard]] std::shared_ptr<cache::store::Store> make_store(cache::store::Options options);

    const Clock& clock_;
    Log& log_;
    std::unique_ptr<index::Index> index_; ///< the bound cache's
    cache::driver::Driver driver_;
    bool readable_ = false;
    bool writable_ = false;
    std::unique_ptr<cache::driver::DriverCache> open_; // last: all else outlives it
};

} // namespace cachefiles::conformance
