// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/rate_limit.hpp"
#include "cache/driver/cache_state.hpp"
#include "cache/driver/caller.hpp"
#include "cache/model.hpp"
#include "cache/store/store.hpp"
#include "protocol/command.hpp"
#include "protocol/limit_window.hpp"

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace cachefiles::cache::driver {

class Driver;
struct Outcome;

/// One open of the device: a cache record, configured by commands, bound, and withdrawn when it is
/// closed. Commands exclude each other; read() and poll() wait for none of them. Any thread, but no
/// job of the model's executor: close() waits for those.
class DriverCache final {
public:
    using StoreMaker = std::function<std::shared_ptr<store::Store>(store::Options)>;

    ~DriverCache();
    DriverCache(const DriverCache&) = delete;
    DriverCache& operator=(const DriverCache&) = delete;

    /// write(2): one command. 0, when all of the bytes count as written, or the errno.
    [[nodiscard]] int command(std::string_view bytes, const Caller& caller);
    /// read(2) into so many bytes: the state line, or nothing before bind. EMSGSIZE if it does not
    /// fit, and then what it said of released files is lost.
    [[nodiscard]] std::expected<std::string, int> read(std::size_t size);
    /// poll(2): POLLIN and POLLOUT.
    [[nodiscard]] short poll() const { return state_->poll(); }

    /// The last close(2): the cache is dead, then withdrawn; returns when that is done and the
    /// directory is free. Once; the destructor does it otherwise. No other call is under way.
    void close();

    [[nodiscard]] bool dead() const { return state_->dead(); }

private:
    friend Driver;
    DriverCache(Driver& driver, std::function<void()> wake);

    [[nodiscard]] int run(const protocol::Command& command, const Caller& caller);
    [[nodiscard]] int set_limit(const protocol::Command& command);
    [[nodiscard]] int set_once(std::string& what, const std::string& argument) const;
    [[nodiscard]] int set_debug(const std::string& argument);
    [[nodiscard]] int bind(const std::string& argument, const Caller& caller);
    [[nodiscard]] int bind(const CachePtr& record, const Caller& caller);
    [[nodiscard]] int make_store(int directory);
    [[nodiscard]] int cull(const std::string& name, const Caller& caller, bool only_ask);
    void note(const Outcome& outcome, const std::string& what);
    [[nodiscard]] std::shared_ptr<store::Store> bound() const;

    Driver& driver_;
    const std::shared_ptr<CacheState> state_;
    std::mutex commands_; // guards what follows, and whoever gives a command holds it
    protocol::Limits limits_;
    std::string directory_;
    std::string tag_;
    CachePtr record_; ///< from bind to close
    RateLimit warnings_;
    bool closed_ = false;
    mutable std::mutex mutex_;            // of the pointer, for read()
    std::shared_ptr<store::Store> store_; ///< from bind to close: READY
};

} // namespace cachefiles::cache::driver
