// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/driver.hpp"

#include <cerrno>
#include <utility>

namespace cachefiles::cache::driver {

Driver::Driver(Options options) : options_(std::move(options)) {
    if (!options_.make_store)
        options_.make_store = [](store::Options of) {
            return std::make_shared<store::Store>(std::move(of));
        };
}

std::expected<std::unique_ptr<DriverCache>, int> Driver::open(std::function<void()> wake) {
    if (open_.exchange(true))
        return std::unexpected(EBUSY);
    try {
        return std::unique_ptr<DriverCache>(new DriverCache(*this, std::move(wake)));
    } catch (const std::bad_alloc&) {
        open_ = false;
        return std::unexpected(ENOMEM);
    }
}

} // namespace cachefiles::cache::driver
