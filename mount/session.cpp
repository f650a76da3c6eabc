// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/session.hpp"

#include "base/error.hpp"
#include "mount/mount_table.hpp"
#include "mount/request_watch.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <vector>

namespace cachefiles::mount {
namespace {

/// What the kernel asks for at most at a time. An answer of 1 MiB, the most that FUSE has, would
/// not fit into the largest pipe of a process without CAP_SYS_RESOURCE, and be copied twice
/// instead.
constexpr unsigned largest_read = 512U << 10;
/// Threads that have nothing to do, and are kept.
constexpr unsigned idle_threads = 16;
/// KiB that the kernel reads ahead: a few requests of the largest size, instead of 128.
constexpr unsigned kernel_read_ahead = 2048;

void mask_signals(int how) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(how, &signals, nullptr);
}

std::string name_of(const Options& options) {
    return options.fs_name.empty() ? options.source : options.fs_name;
}

/// libfuse's options are separated by commas.
std::string escaped(std::string_view value) {
    std::string result;
    for (const char c : value) {
        if (c == ',' || c == '\\')
            result += '\\';
        result += c;
    }
    return result;
}

fuse_session* make_session(const Options& options, FileSystem& file_system) {
    std::string list = "default_permissions";
    const bool as_root = geteuid() == 0;
    if (!as_root) {
        list += ",subtype=cachefiles,fsname=" + escaped(name_of(options));
        list += options.read_only ? ",ro" : "";
        list += options.allow_other ? ",allow_other" : "";
        list += (options.flags & MS_NOEXEC) != 0 ? ",noexec" : "";
        list += (options.flags & MS_NOATIME) != 0 ? ",noatime" : "";
    }
    std::string program = "cachefiles-mount";
    std::string flag = "-o";
    // libfuse refuses options that are of a mount which it does not make.
    std::vector<char*> words{program.data()};
    if (!as_root) {
        words.push_back(flag.data());
        words.push_back(list.data());
    }
    fuse_args args = FUSE_ARGS_INIT(static_cast<int>(words.size()), words.data());
    fuse_session* const session = fuse_session_new(&args, &FileSystem::operations,
                                                   sizeof FileSystem::operations, &file_system);
    fuse_opt_free_args(&args);
    return session;
}

/// What an ordinary user has mounted fusermount3(1) unmounts for him.
bool unmount_as_user(const std::string& path) {
    std::string words[] = {"fusermount3", "-u", "-q", "-z", "--", path};
    std::array<char*, std::size(words) + 1> arguments{};
    std::ranges::transform(words, arguments.begin(), [](std::string& word) { return word.data(); });
    pid_t process = 0;
    int status = 0;
    return posix_spawnp(&process, arguments.front(), nullptr, nullptr, arguments.data(), environ) ==
               0 &&
           waitpid(process, &status, 0) == process && status == 0;
}

/// A mount outlives whoever served it; everything in it answers ENOTCONN then. One that cannot be
/// removed is in the way of the new one, which says so.
void remove_stale_mount(const std::string& path) {
    struct statfs status{}; // attributes may be believed for a while
    while (statfs(path.c_str(), &status) != 0 && errno == ENOTCONN) {
        const bool removed = geteuid() == 0
                                 ? umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0
                                 : unmount_as_user(path);
        if (!removed)
            return;
    }
}

/// The kernel reads no further ahead than this, and 128 KiB are less than one request may have.
void raise_read_ahead(const std::string& mount_point) {
    std::ifstream mountinfo("/proc/self/mountinfo");
    const std::string text{std::istreambuf_iterator<char>(mountinfo), {}};
    const std::optional<MountEntry> entry = find_mount_at(text, mount_point);
    if (!entry)
        return;
    std::ofstream(fmt::format("/sys/class/bdi/{}/read_ahead_kb", entry->device))
        << kernel_read_ahead;
}

} // namespace

void Session::block_signals() {
    mask_signals(SIG_BLOCK);
}

Session::Session(const Options& options, const std::string& mount_point, FileSystem& file_system)
    : mount_point_(mount_point), file_system_(file_system),
      session_(make_session(options, file_system)) {
    if (!session_)
        throw SystemError("cannot make a FUSE session", EINVAL);
    remove_stale_mount(mount_point_);
    if (geteuid() == 0) {
        mount_as_root(options);
        raise_read_ahead(mount_point_);
    } else {
        errno = 0;
        if (fuse_session_mount(session_.get(), mount_point_.c_str()) != 0)
            throw SystemError(fmt::format("cannot mount at {}", mount_point_),
                              errno != 0 ? errno : EPERM);
    }
    mounted_ = true;
    file_system_.attach(session_.get());
}

void Session::mount_as_root(const Options& options) {
    Fd device(open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device)
        throw SystemError("cannot open /dev/fuse");
    const std::string data =
        fmt::format("fd={},rootmode=40000,user_id=0,group_id=0,default_permissions,max_read={}{}",
                    device.get(), largest_read, options.allow_other ? ",allow_other" : "");
    const unsigned long flags = options.flags | (options.read_only ? std::uint64_t{MS_RDONLY} : 0);
    if (::mount(name_of(options).c_str(), mount_point_.c_str(), "fuse.cachefiles", flags,
                data.c_str()) != 0)
        throw SystemError(fmt::format("cannot mount at {}", mount_point_));
    own_mount_ = true;
    file_system_.use_passthrough(std::make_unique<Passthrough>(session_.get(), device.release()));
}

Session::~Session() {
    file_system_.attach(nullptr);
    if (mounted_)
        unmount();
    mask_signals(SIG_UNBLOCK);
}

void Session::unmount() {
    if (own_mount_ && was_signalled_)
        umount2(mount_point_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    if (!own_mount_)
        fuse_session_unmount(session_.get());
}

int Session::serve() {
    if (fuse_set_signal_handlers(session_.get()) != 0)
        return ENOMEM;
    mask_signals(SIG_UNBLOCK);
    fuse_loop_config* const config = fuse_loop_cfg_create();
    fuse_loop_cfg_set_max_threads(config, RequestWatch::most_threads);
    fuse_loop_cfg_set_idle_threads(config, idle_threads);
    const int result = fuse_session_loop_mt(session_.get(), config);
    fuse_loop_cfg_destroy(config);
    mask_signals(SIG_BLOCK);
    fuse_remove_signal_handlers(session_.get());
    was_signalled_ = result > 0;
    return result < 0 ? -result : 0;
}

} // namespace cachefiles::mount
