// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <filesystem>
#include <memory>
#include <thread>

struct fuse_session;
struct fuse_lowlevel_ops;

namespace cachefiles::daemon::user {

/// A FUSE file system, mounted and served by a thread of its own. That thread takes the requests in
/// their order and calls the operations: they must not wait for anything, least of all for this
/// mount.
class FuseMount final {
public:
    /// Makes the directory if need be. A mount that a process left there which is gone is
    /// unmounted first. `user_data` is what fuse_req_userdata() gives.
    /// Errors: SystemError; EBUSY if another process serves a mount there.
    FuseMount(std::filesystem::path directory, const fuse_lowlevel_ops& operations,
              void* user_data);
    /// Unmounts. Who has a file open is told that its connection is gone (ENOTCONN).
    ~FuseMount();
    FuseMount(const FuseMount&) = delete;
    FuseMount& operator=(const FuseMount&) = delete;

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    [[nodiscard]] fuse_session* session() const { return session_.get(); }

    /// No request is taken any more when it returns, and none is being looked at; those that have
    /// been taken can still be answered. Once.
    void stop();

private:
    struct Destroy {
        void operator()(fuse_session* session) const;
    };

    void serve();

    std::filesystem::path directory_;
    std::unique_ptr<fuse_session, Destroy> session_;
    Fd stop_; ///< eventfd: the thread is to end
    std::thread thread_;
};

} // namespace cachefiles::daemon::user
