// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/driver_cache.hpp"

#include "base/error.hpp"
#include "cache/driver/bind_directory.hpp"
#include "cache/driver/driver.hpp"
#include "cache/driver/eviction.hpp"
#include "cache/driver/place.hpp"
#include "protocol/command_argument.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <future>
#include <new>
#include <optional>
#include <utility>

namespace cachefiles::cache::driver {
namespace {

using protocol::DriverBuild;
using protocol::Verb;

constexpr const char* default_tag = "CacheFiles";
constexpr std::chrono::minutes between_warnings{1};

/// What the driver answers where this store has words of its own.
int driver_errno(int error) {
    switch (error) {
    case ENOSPC: // below a stop limit, or really full
        return ENOBUFS;
    case ENOTDIR:
    case ELOOP: // cache/ or graveyard/ is something else
        return EIO;
    default:
        return error;
    }
}

} // namespace

DriverCache::DriverCache(Driver& driver, std::function<void()> wake)
    : driver_(driver), state_(std::make_shared<CacheState>(driver.options_.model, driver.no_space_,
                                                           std::move(wake))),
      warnings_(between_warnings) {}

DriverCache::~DriverCache() {
    close();
}

int DriverCache::command(std::string_view bytes, const Caller& caller) {
    if (dead())
        return EIO;
    const std::expected<protocol::Command, int> command =
        protocol::parse_command(bytes, DriverBuild::plain);
    if (!command)
        return command.error();
    const std::lock_guard lock(commands_);
    if (dead())
        return EIO;
    try {
        return run(*command, caller);
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

int DriverCache::run(const protocol::Command& command, const Caller& caller) {
    if (protocol::is_limit(command.verb))
        return set_limit(command);
    switch (command.verb) {
    case Verb::bind:
        return bind(command.argument, caller);
    case Verb::dir:
        return set_once(directory_, command.argument);
    case Verb::tag:
        return set_once(tag_, command.argument);
    case Verb::secctx: // as a kernel without security modules
        return command.argument.empty() ? EINVAL : EOPNOTSUPP;
    case Verb::debug:
        return set_debug(command.argument);
    case Verb::cull:
        return cull(command.argument, caller, false);
    case Verb::inuse:
        return cull(command.argument, caller, true);
    default:
        return EOPNOTSUPP;
    }
}

int DriverCache::set_limit(const protocol::Command& command) {
    const std::expected<std::uint64_t, int> percent = protocol::parse_percent(command.argument);
    return percent ? limits_.write(command.verb, *percent) : percent.error();
}

int DriverCache::set_once(std::string& what, const std::string& argument) const {
    if (argument.empty())
        return EINVAL;
    if (!what.empty())
        return EEXIST;
    what = argument;
    return 0;
}

int DriverCache::set_debug(const std::string& argument) {
    const std::expected<std::uint64_t, int> mask = protocol::parse_debug(argument);
    if (!mask)
        return mask.error();
    driver_.debug_ = static_cast<std::uint32_t>(*mask);
    return 0;
}

/// In the driver's order: section 3.3.
int DriverCache::bind(const std::string& argument, const Caller& caller) {
    if (!limits_.is_valid())
        return ERANGE;
    if (directory_.empty())
        return EINVAL;
    if (record_)
        return EBUSY;
    if (const auto mode = protocol::parse_bind(argument, DriverBuild::plain); !mode)
        return mode.error();
    if (tag_.empty())
        tag_ = default_tag;
    const std::expected<CachePtr, std::errc> record = driver_.options_.model.prepare_cache(tag_);
    if (!record)
        return static_cast<int>(record.error());
    state_->set_record(*record);
    int error = ENOMEM;
    try {
        error = bind(*record, caller);
    } catch (const std::bad_alloc&) {
    }
    if (error != 0) {
        state_->set_record(nullptr);
        driver_.options_.model.abandon_cache(*record);
    }
    return error;
}

int DriverCache::bind(const CachePtr& record, const Caller& caller) {
    const std::expected<Fd, int> directory = find_directory(directory_, caller);
    if (!directory)
        return directory.error();
    if (const int error = check_file_system(directory->get()))
        return error;
    const std::expected<AbsoluteLimits, int> limits = absolute_limits(directory->get(), limits_);
    if (!limits)
        return limits.error();
    state_->set_limits(*limits);
    const store::SpaceCheck space(
        directory->get(), {},
        [this](const store::Room& room, store::SpaceUse use) { return state_->judge(room, use); });
    if (const int error = make_parts(directory->get(), space))
        return error;
    if (const int error = make_store(directory->get()))
        return error;
    const std::shared_ptr<store::Store> store = bound();
    driver_.options_.model.activate_cache(record, store);
    record_ = record;
    if (driver_.options_.on_bound)
        driver_.options_.on_bound(store);
    if (const auto room = store->space().look(); !room && room.error() == EIO)
        state_->io_error("cannot ask for the free space");
    return 0;
}

int DriverCache::make_store(int directory) {
    store::Options options{directory_, *state_, driver_.options_.log, driver_.options_.clock, {}};
    // With the state, which lives as long as there is anything that reports into it.
    options.space_judge = [state = state_](const store::Room& room, store::SpaceUse use) {
        return state->judge(room, use);
    };
    options.on_released = [state = state_](std::uint64_t sectors) {
        state->released(sectors);
    };
    options.directory = directory;
    try {
        std::shared_ptr<store::Store> store = driver_.options_.make_store(std::move(options));
        const std::lock_guard lock(mutex_);
        store_ = std::move(store);
        return 0;
    } catch (const SystemError& error) {
        driver_.options_.log.error(fmt::format("cannot bind a cache: {}", error.what()));
        return driver_errno(error.error());
    }
}

/// Section 7, in its order.
int DriverCache::cull(const std::string& name, const Caller& caller, bool only_ask) {
    const std::expected<std::string_view, int> victim = protocol::parse_victim(name);
    if (!victim && victim.error() == EINVAL)
        return EINVAL;
    const std::shared_ptr<store::Store> store = bound();
    if (!store || dead())
        return EIO;
    const std::expected<Place, int> place = caller.directory
                                                ? find_place(store->root(), caller.directory.get())
                                                : std::unexpected(ENOTDIR);
    if (!place && place.error() == ENOTDIR)
        return ENOTDIR;
    if (!victim)
        return victim.error();
    if (!place)
        return place.error() == ESTALE ? ESTALE : EIO;
    const auto culled = [&] {
        ++driver_.no_space_->culled;
        if (driver_.options_.on_culled)
            driver_.options_.on_culled(place->path.empty() ? name : place->path + "/" + name);
    };
    const Outcome outcome =
        only_ask ? ask(*store, *place, name) : evict(*store, *place, name, culled);
    note(outcome, name);
    return outcome.error;
}

void DriverCache::note(const Outcome& outcome, const std::string& what) {
    if (outcome.dead)
        state_->io_error(fmt::format("cull of {}: {}", what, errno_text(outcome.cause)));
    else if (outcome.cause != 0 && warnings_.pass(driver_.options_.clock.monotonic()))
        driver_.options_.log.warning(
            fmt::format("cannot cull {}: {}", what, errno_text(outcome.cause)));
}

std::expected<std::string, int> DriverCache::read(std::size_t size) {
    const std::shared_ptr<store::Store> store = bound();
    if (!store)
        return std::string();
    if (const auto room = store->space().look(); !room && room.error() == EIO)
        state_->io_error("cannot ask for the free space");
    std::string line = protocol::format_state_line(state_->take());
    if (line.size() > size)
        return std::unexpected(EMSGSIZE);
    return line;
}

std::shared_ptr<store::Store> DriverCache::bound() const {
    const std::lock_guard lock(mutex_);
    return store_;
}

void DriverCache::close() {
    state_->die();
    const std::lock_guard lock(commands_);
    if (std::exchange(closed_, true))
        return;
    if (record_) {
        std::promise<void> withdrawn;
        if (driver_.options_.model.withdraw_cache(record_, [&withdrawn] { withdrawn.set_value(); }))
            withdrawn.get_future().wait();
        record_ = nullptr;
        {
            const std::lock_guard pointer(mutex_);
            store_.reset();
        }
        if (driver_.options_.on_withdrawn)
            driver_.options_.on_withdrawn();
    }
    state_->stop_waking();
    state_->set_record(nullptr);
    driver_.open_ = false;
}

} // namespace cachefiles::cache::driver
