// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace cachefiles::index::sqlite {

/// SQLite's file layer, where a full disk is met: SQLite answers it by rolling back the whole
/// transaction, so room has to be made below it.
class Vfs final {
public:
    struct Hooks {
        /// The disk is full: true if there is room now, and the write is tried again.
        std::function<bool()> make_room = {};
        /// Name of temporary files, which are deleted as soon as they are open. SQLite would look
        /// for a directory that it may write to, and a confined daemon has only its own.
        std::string temporary = {};
        /// Tests: asked before each write and sync; other than 0 is the result instead of it.
        std::function<int()> fault = {};
        /// Tests: whether a sync waits for the disk. What ends by a kill need not.
        bool sync = true;
    };

    /// Registers it with SQLite under a name of its own until destroyed, which must be after
    /// the last database that uses it was closed.
    explicit Vfs(Hooks hooks);
    ~Vfs();
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    struct Registration;

    std::string name_;
    Hooks hooks_;
    std::unique_ptr<Registration> registration_;
};

} // namespace cachefiles::index::sqlite
