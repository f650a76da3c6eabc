// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/user_binding.hpp"

#include "base/error.hpp"
#include "base/message_ids.hpp"

#include <fmt/format.h>

#include <sys/eventfd.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <expected>
#include <future>
#include <system_error>
#include <utility>

namespace cachefiles::daemon {

UserBinding::UserBinding(Options options)
    : options_(std::move(options)), gate_([this] { call(); }),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), watermarks_(options_.watermarks) {
    if (!event_)
        throw SystemError("cannot make an eventfd");
}

UserBinding::~UserBinding() {
    close();
}

void UserBinding::open() {
    std::expected<cache::CachePtr, std::errc> cache = options_.model.prepare_cache(options_.tag);
    if (!cache)
        throw SystemError(fmt::format("a cache of tag {} is bound already", options_.tag),
                          static_cast<int>(cache.error()));
    {
        const std::lock_guard lock(mutex_);
        dying_ = *cache;
    }
    dead_ = false;
    std::shared_ptr<cache::store::Store> store;
    try {
        store = options_.make_store(
            {.root = options_.directory,
             .events = *this,
             .log = options_.log,
             .clock = options_.clock,
             .stop_limits = {},
             .space_judge =
                 [this](const cache::store::Room& room, cache::store::SpaceUse) {
                     return gate_.enough(room.files, room.blocks);
                 },
             .on_released =
                 [this](std::uint64_t) {
                     released();
                 }});
        set_thresholds(store->root().root());
    } catch (...) {
        options_.model.abandon_cache(*cache);
        throw;
    }
    options_.bound(store);
    options_.model.activate_cache(*cache, std::move(store));
    cache_ = *std::move(cache);
    options_.log.write(
        Severity::notice, message_id::bound,
        fmt::format("cache {} in {} is online", options_.tag, options_.directory.native()),
        {{"CACHEFILES_TAG", options_.tag}, {"CACHEFILES_DIR", options_.directory.native()}});
}

void UserBinding::close() {
    if (!cache_)
        return;
    {
        const std::lock_guard lock(mutex_);
        directory_ = -1;
        dying_.reset();
    }
    options_.bound(nullptr);
    std::promise<void> withdrawn;
    if (options_.model.withdraw_cache(cache_, [&withdrawn] { withdrawn.set_value(); }))
        withdrawn.get_future().wait();
    cache_.reset();
    options_.log.write(Severity::notice, message_id::unbound,
                       fmt::format("cache {} is withdrawn", options_.tag),
                       {{"CACHEFILES_TAG", options_.tag}});
}

std::optional<Binding::State> UserBinding::look() {
    eventfd_t ignored = 0;
    called_ = false; // before the event is taken: a call in between is not lost
    eventfd_read(event_.get(), &ignored);
    return State{false, released_.exchange(0), std::nullopt};
}

void UserBinding::released() {
    ++released_;
    call();
}

void UserBinding::call() {
    if (!called_.exchange(true))
        eventfd_write(event_.get(), 1);
}

void UserBinding::io_error(const std::string& what) {
    cache::CachePtr cache;
    {
        const std::lock_guard lock(mutex_);
        if (!dead_.exchange(true))
            death_ = what;
        cache = dying_;
    }
    if (cache)
        options_.model.io_error(cache, what);
    call();
}

std::string UserBinding::death() const {
    const std::lock_guard lock(mutex_);
    return fmt::format("the cache has failed ({})", death_);
}

void UserBinding::set_watermarks(const cull::Watermarks& watermarks) {
    int directory = -1;
    {
        const std::lock_guard lock(mutex_);
        watermarks_ = watermarks;
        directory = directory_;
    }
    if (directory >= 0)
        set_thresholds(directory);
}

/// As the driver computes them at bind.
void UserBinding::set_thresholds(int directory) {
    struct statvfs status{};
    if (fstatvfs(directory, &status) != 0)
        throw SystemError("cannot ask for the size of the cache's file system");
    cull::Space space;
    space.block_size = status.f_frsize;
    space.blocks = status.f_blocks;
    space.files = status.f_files;
    const std::lock_guard lock(mutex_);
    directory_ = directory;
    gate_.set(cull::SpaceWatch::thresholds(watermarks_, space));
}

} // namespace cachefiles::daemon
