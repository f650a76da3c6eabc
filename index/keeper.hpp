// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "index/index_options.hpp"
#include "index/lock_file.hpp"
#include "index/reserve_file.hpp"
#include "index/sqlite/error.hpp"
#include "index/sqlite/vfs.hpp"
#include "index/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace cachefiles::index {

/// Sees to it that there always is a Store: makes room on a full disk, replaces a database that
/// is corrupt, goes without a disk if need be, and says so. Not thread-safe.
class Keeper final {
public:
    /// Errors: SystemError if another process has the index.
    Keeper(const IndexOptions& options, const Clock& clock, Log& log);

    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

    /// Commits if there is room. False if the changes are not durable.
    bool commit();
    /// A member of the store threw this: afterwards it, or another one, can be used again.
    void recover(const sqlite::SqliteError& error);

private:
    void prepare_directory();
    void open();
    void open_in_memory(std::string_view why);
    [[nodiscard]] bool try_open();
    [[nodiscard]] bool try_open_again();
    void replace(std::string_view why);
    void pin_again(const std::set<std::string, std::less<>>& pins);
    bool move_database_aside(std::string_view why);
    void renew_generation();
    void lost_transaction();
    [[nodiscard]] bool make_room();
    [[nodiscard]] bool room_for_commit() const;
    void restore_reserve();

    IndexOptions options_;
    const Clock& clock_;
    Log& log_;
    std::optional<LockFile> lock_; // these two are absent if the directory cannot be used
    std::optional<ReserveFile> reserve_;
    std::unique_ptr<sqlite::Vfs> vfs_;
    std::unique_ptr<Store> store_; // closed before its file layer goes
    std::uint64_t generation_ = 0;
    bool in_memory_ = false;
    bool full_ = false; // the disk was, and the reserve has not been made again
};

} // namespace cachefiles::index
