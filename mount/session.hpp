// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/file_system.hpp"
#include "mount/fuse.hpp"
#include "mount/options.hpp"

#include <memory>
#include <string>

namespace cachefiles::mount {

/// The file system, mounted. Root mounts it itself, so that the kernel may be told to read cached
/// files (Passthrough); others by fusermount3(1).
class Session final {
public:
    /// Signals that would end the session wait until it serves: before, they would leave a dead
    /// mount behind. Threads that are started after this leave them to the one that serves.
    static void block_signals();

    /// A mount that is left there from a process that has died is unmounted first. `mount_point`:
    /// absolute. Errors: SystemError.
    Session(const Options& options, const std::string& mount_point, FileSystem& file_system);
    /// Unmounts, if nobody else has. From then on signals kill.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Until it is unmounted, or SIGTERM, SIGINT or SIGHUP comes to the thread that calls this. 0
    /// or an errno.
    [[nodiscard]] int serve();

private:
    struct Destroy {
        void operator()(fuse_session* session) const { fuse_session_destroy(session); }
    };

    void mount_as_root(const Options& options);
    void unmount();

    const std::string mount_point_;
    FileSystem& file_system_;
    std::unique_ptr<fuse_session, Destroy> session_;
    bool mounted_ = false;
    bool own_mount_ = false;
    bool was_signalled_ = false; ///< the mount is still there
};

} // namespace cachefiles::mount
