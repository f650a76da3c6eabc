// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/fuse_mount.hpp"

#include "base/error.hpp"
#include "daemon/system/privileges.hpp"
#include "daemon/user/fuse.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

namespace cachefiles::daemon::user {
namespace {

bool is_mount_point(const std::filesystem::path& path) {
    struct stat self{};
    struct stat parent{};
    return stat(path.c_str(), &self) == 0 && stat((path / "..").c_str(), &parent) == 0 &&
           self.st_dev != parent.st_dev;
}

/// A mount outlives whoever served it; everything in it answers ENOTCONN then.
void remove_stale_mounts(const std::filesystem::path& path) {
    struct statfs status{};
    while (statfs(path.c_str(), &status) != 0 && errno == ENOTCONN) {
        if (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
            throw SystemError(fmt::format("cannot unmount what is left at {}", path.native()));
    }
    if (status.f_type == FUSE_SUPER_MAGIC && is_mount_point(path))
        throw SystemError(fmt::format("another process serves {}", path.native()), EBUSY);
}

fuse_session* make_session(const fuse_lowlevel_ops& operations, void* user_data) {
    std::string program = "cachefilesd";
    std::string option = "-o";
    // The kernel checks the mode: who may open the file is the owner's to say. Only root can let
    // others in at all.
    std::string options = "fsname=cachefilesd,subtype=cachefiles,default_permissions,noexec";
    if (geteuid() == 0)
        options += ",allow_other";
    std::array<char*, 3> words{program.data(), option.data(), options.data()};
    fuse_args args = FUSE_ARGS_INIT(static_cast<int>(words.size()), words.data());
    fuse_session* const session =
        fuse_session_new(&args, &operations, sizeof operations, user_data);
    fuse_opt_free_args(&args);
    return session;
}

} // namespace

void FuseMount::Destroy::operator()(fuse_session* session) const {
    fuse_session_destroy(session);
}

FuseMount::FuseMount(std::filesystem::path directory, const fuse_lowlevel_ops& operations,
                     void* user_data)
    : directory_(std::move(directory)), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!stop_)
        throw SystemError("cannot make an eventfd");
    const AdminPrivilege privilege;
    remove_stale_mounts(directory_);
    std::filesystem::create_directories(directory_);
    session_.reset(make_session(operations, user_data));
    if (!session_)
        throw SystemError("cannot make a FUSE session", EINVAL);
    errno = 0;
    if (fuse_session_mount(session_.get(), directory_.c_str()) != 0)
        throw SystemError(fmt::format("cannot mount a FUSE file system at {}", directory_.native()),
                          errno != 0 ? errno : ENODEV);
    const int fd = fuse_session_fd(session_.get());
    // A request can be withdrawn between poll and read.
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    thread_ = std::thread([this] { serve(); });
}

FuseMount::~FuseMount() {
    stop();
    const AdminPrivilege privilege;
    fuse_session_unmount(session_.get());
}

void FuseMount::stop() {
    if (!thread_.joinable())
        return;
    eventfd_write(stop_.get(), 1);
    thread_.join();
}

void FuseMount::serve() {
    fuse_buf buffer{};
    std::array<pollfd, 2> wait{
        {{stop_.get(), POLLIN, 0}, {fuse_session_fd(session_.get()), POLLIN, 0}}};
    while (fuse_session_exited(session_.get()) == 0) {
        if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR)
            break;
        if (wait[0].revents != 0)
            break;
        const int length = fuse_session_receive_buf(session_.get(), &buffer);
        if (length > 0)
            fuse_session_process_buf(session_.get(), &buffer);
        else if (length == 0 || (length != -EINTR && length != -EAGAIN))
            break; // unmounted by somebody else
    }
    std::free(buffer.mem); // NOLINT(*-no-malloc): libfuse's
}

} // namespace cachefiles::daemon::user
