// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/driver/driver.hpp"
#include "cache/thread_executor.hpp"
#include "protocol/state_line.hpp"
#include "tests/unit/cache/store/store_bench.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::tests {

/// The device in front of a real model and a real store, on a temporary directory.
class DriverBench final {
public:
    DriverBench();
    ~DriverBench();
    DriverBench(const DriverBench&) = delete;
    DriverBench& operator=(const DriverBench&) = delete;

    /// How full the disk is that the tests run on is not what they test.
    static constexpr std::string_view low_limits[] = {"bcull 2%", "brun 3%"};

    /// Opens the device anew, and gives it low limits; what was open is closed first.
    void open();
    void close();

    /// Gives a command, with that working directory: 0 or the errno.
    int command(std::string_view text, const std::filesystem::path& directory = "/");
    /// dir and bind. Nothing but 0 is expected.
    void bind();
    /// What read(2) gives, which must be a state line.
    protocol::StateLine state();

    /// An object of that key and size, in use, of a volume that is acquired for it.
    cache::CookiePtr use(const std::string& key, std::uint64_t size = 4096);
    /// It is let go of, and committed.
    void relinquish(const cache::CookiePtr& cookie, bool retire = false);
    void relinquish_volume();

    /// What the driver sees of the free space from now on.
    void set_room(const cache::store::Room& room);
    /// Called in the middle of a `cull` that succeeds.
    void set_at_cull(std::function<void()> call);
    [[nodiscard]] std::vector<std::string> culled() const;
    /// While bound.
    [[nodiscard]] std::shared_ptr<cache::store::Store> store() const;

    [[nodiscard]] std::filesystem::path root() const { return directory_.path(); }
    /// Every file below cache/.
    [[nodiscard]] std::vector<std::filesystem::path> files() const;

    static inline const std::string volume_key = "erofs,test";
    static inline const std::string volume_name = "Ierofs,test";

private:
    cache::CookiePtr acquire(const std::string& key, std::uint64_t size);

    TemporaryDirectory directory_;

public:
    SystemClock clock;
    RecordingLog log;

private:
    std::unique_ptr<cache::ThreadExecutor> executor_; // ends before the model does

public:
    std::unique_ptr<cache::Model> model;
    std::atomic<int> wakes = 0;
    std::atomic<int> bounds = 0;
    std::atomic<int> withdrawals = 0;

private:
    mutable std::mutex mutex_; // guards what follows: whoever serves the device has its own threads
    std::optional<cache::store::Room> room_;
    std::function<void()> at_cull_;
    std::vector<std::string> culled_;
    std::shared_ptr<cache::store::Store> store_;

public:
    cache::driver::Driver driver;
    cache::VolumePtr volume;
    std::unique_ptr<cache::driver::DriverCache> cache;
};

} // namespace cachefiles::tests
