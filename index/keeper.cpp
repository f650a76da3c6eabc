// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/keeper.hpp"

#include "base/error.hpp"
#include "base/message_ids.hpp"
#include "index/database_files.hpp"
#include "index/test_hooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace cachefiles::index {
namespace {

/// One page of the smallest size that SQLite has.
constexpr std::uintmax_t smallest_database = 512;

std::filesystem::path beside(const std::filesystem::path& path, std::string_view suffix) {
    std::filesystem::path result = path;
    result += suffix;
    return result;
}

} // namespace

Keeper::Keeper(const IndexOptions& options, const Clock& clock, Log& log)
    : options_(options), clock_(clock), log_(log) {
    try {
        prepare_directory();
    } catch (const SystemError& error) {
        if (error.error() == EWOULDBLOCK)
            throw;
        open_in_memory(error.what());
        return;
    }
    open();
}

void Keeper::prepare_directory() {
    std::error_code ignored; // opening the lock says it better
    options_.path = std::filesystem::absolute(options_.path, ignored);
    std::filesystem::create_directories(options_.path.parent_path(), ignored);
    lock_.emplace(beside(options_.path, "-lock"));
    reserve_.emplace(beside(options_.path, "-reserve"), options_.reserve);
    reserve_->make();
    sqlite::Vfs::Hooks hooks;
    hooks.make_room = [this] {
        return make_room();
    };
    hooks.temporary = beside(options_.path, "-sort");
    if (options_.hooks) {
        hooks.fault = options_.hooks->fault;
        hooks.sync = options_.hooks->sync;
    }
    vfs_ = std::make_unique<sqlite::Vfs>(std::move(hooks));
}

void Keeper::open() {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(options_.path, error);
    // SQLite takes what is shorter than a header for a database that is still to be made.
    if (!error && size < smallest_database && !move_database_aside("too short for a database"))
        return open_in_memory("what is in its place cannot be moved");
    if (try_open())
        return;
    if (!try_open()) // the first was moved aside
        open_in_memory("a new database cannot be used either");
}

/// False if there was something in the way, which has been moved aside, or nothing can be done.
bool Keeper::try_open() {
    try {
        store_ = std::make_unique<Store>(
            Store::Options{options_.path.string(), vfs_->name(), options_.page_cache,
                           options_.hooks ? options_.hooks->name_mask : ~std::uint64_t{0}},
            clock_);
        generation_ = store_->generation();
        return true;
    } catch (const sqlite::SqliteError& error) {
        if (error.busy())
            throw SystemError(fmt::format("another program uses the index ({})", error.what()),
                              EBUSY);
        if (!error.full() && !error.no_memory())
            move_database_aside(error.what());
        else
            log_.error(error.what());
        return false;
    }
}

/// As try_open(), in the middle of the work: nobody is to be told that another program was faster.
bool Keeper::try_open_again() {
    try {
        return try_open();
    } catch (const SystemError& error) {
        log_.error(error.what());
        return false;
    }
}

bool Keeper::move_database_aside(std::string_view why) {
    try {
        const std::filesystem::path target = move_aside(options_.path, clock_.now());
        log_.write(Severity::error, message_id::index_moved_aside,
                   fmt::format("index unusable ({}): moved to {}, starting with an empty one", why,
                               target.string()),
                   {{"CACHEFILES_PATH", target.string()}});
        return true;
    } catch (const SystemError& error) {
        log_.error(fmt::format("index unusable ({}): {}", why, error.what()));
        return false;
    }
}

void Keeper::open_in_memory(std::string_view why) {
    store_.reset();
    in_memory_ = true;
    full_ = false;
    log_.write(Severity::error, message_id::index_moved_aside,
               fmt::format("the index {} is kept in memory only, and will be lost at exit: {}",
                           options_.path.string(), why),
               {{"CACHEFILES_PATH", options_.path.string()}});
    try {
        store_ = std::make_unique<Store>(
            Store::Options{":memory:",
                           {},
                           options_.page_cache,
                           options_.hooks ? options_.hooks->name_mask : ~std::uint64_t{0}},
            clock_);
    } catch (const sqlite::SqliteError& error) {
        throw SystemError(error.what(), ENOMEM);
    }
    generation_ = store_->generation();
}

bool Keeper::make_room() {
    full_ = true;
    if (!reserve_->give_up())
        return false;
    log_.warning(
        fmt::format("disk full: gave up the reserve of the index {}", options_.path.string()));
    return true;
}

bool Keeper::room_for_commit() const {
    // A log that was copied is written again from its start, over what is there.
    const std::uint64_t size = wal_size(options_.path);
    const std::uint64_t reusable = size - std::min(size, store_->logged());
    const std::uint64_t free = reserve_->free_space();
    return free >= UINT64_MAX - reusable || free + reusable >= store_->unwritten();
}

bool Keeper::commit() {
    if (full_ && !room_for_commit())
        return false;
    try {
        store_->commit();
    } catch (const sqlite::SqliteError& error) {
        recover(error);
        return false;
    }
    if (full_)
        restore_reserve();
    return true;
}

void Keeper::restore_reserve() {
    if (options_.reserve != 0 && !reserve_->make())
        return;
    full_ = false;
    log_.notice(fmt::format("there is room again for the index {}", options_.path.string()));
}

void Keeper::recover(const sqlite::SqliteError& error) {
    if (!error.full() && !error.no_memory())
        return replace(error.what());
    if (!store_->rolled_back())
        return;
    log_.error(fmt::format("changes to the index were lost: {}", error.what()));
    try {
        lost_transaction();
    } catch (const sqlite::SqliteError& again) {
        replace(again.what());
    }
}

void Keeper::lost_transaction() {
    store_->reload();
    ++generation_;
    store_->change();
    store_->set_generation(generation_);
}

void Keeper::replace(std::string_view why) {
    const std::uint64_t before = generation_;
    const std::set<std::string, std::less<>> pins = store_->volumes().pins();
    store_.reset();
    if (in_memory_ || !move_database_aside(why) || !try_open_again())
        open_in_memory(why);
    if (generation_ == before)
        ++generation_;
    pin_again(pins);
}

/// All else is found in the cache again; these are known here only.
void Keeper::pin_again(const std::set<std::string, std::less<>>& pins) {
    try {
        for (const std::string& key : pins) {
            store_->change();
            store_->volumes().pin(key, true);
        }
    } catch (const sqlite::SqliteError& error) {
        log_.error(fmt::format("pins of volumes were lost: {}", error.what()));
    }
}

} // namespace cachefiles::index
