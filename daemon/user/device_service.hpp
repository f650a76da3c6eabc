// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cache/driver/driver.hpp"
#include "cache/model.hpp"
#include "daemon/config/config.hpp"
#include "daemon/user/device_file.hpp"
#include "index/index.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace cachefiles::daemon {

/// The device file, and the cache that somebody binds through it: another daemon, which says where
/// it is, and culls it. Its index keeps content maps only; nobody asks it for an order.
class DeviceService final {
public:
    /// The file is "dev/cachefiles" beside the socket. Errors: SystemError.
    DeviceService(const Config& config, cache::Model& model, const Clock& clock, Log& log);
    ~DeviceService();
    DeviceService(const DeviceService&) = delete;
    DeviceService& operator=(const DeviceService&) = delete;

    /// Whoever has it open is cut off, and the cache withdrawn, which may take minutes: ended()
    /// says when that is done. Does not wait.
    void ask_to_stop();
    [[nodiscard]] bool ended() const { return ended_; }
    /// The same, and waits.
    void stop();

    /// What is bound, or null. Any thread.
    [[nodiscard]] std::shared_ptr<cache::store::Store> store() const;
    [[nodiscard]] std::filesystem::path path() const { return path_; }
    [[nodiscard]] index::Totals totals() const;

private:
    [[nodiscard]] std::shared_ptr<cache::store::Store> make_store(cache::store::Options options);
    void withdrawn();
    void culled(const std::string& path);
    [[nodiscard]] index::IndexOptions index_of(const std::filesystem::path& root) const;

    const Config config_;
    const Clock& clock_;
    Log& log_;
    std::filesystem::path path_;

    mutable std::mutex mutex_;            ///< guards what follows
    std::shared_ptr<index::Index> index_; ///< while a cache is bound
    std::weak_ptr<cache::store::Store> store_;

    std::unique_ptr<cache::driver::Driver> driver_;
    std::unique_ptr<user::DeviceFile> file_; ///< from ask_to_stop() on the stopping thread's
    std::atomic<bool> ended_{false};
    std::thread stopping_;
};

} // namespace cachefiles::daemon
