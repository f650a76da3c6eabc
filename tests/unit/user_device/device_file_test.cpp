// SPDX-License-Identifier: GPL-2.0-or-later
// The device as a file of a real FUSE mount, with the calls that a daemon makes.
#include "daemon/user/device_file.hpp"
#include "tests/unit/cache/driver/driver_bench.hpp"
#include "tests/unit/user_device/mount_namespace.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <optional>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::tests;
using daemon::user::DeviceFile;
namespace fs = std::filesystem;

namespace {

/// The driver served as a file; what uses it has only the file.
class FileBench final {
public:
    FileBench() { bench.close(); }

    Fd open(int flags = O_RDWR) const {
        return Fd(::open(file->path().c_str(), flags | O_CLOEXEC));
    }
    std::string bind_command() const { return "dir " + bench.root().native(); }

    DriverBench bench;
    TemporaryDirectory runtime;
    std::optional<DeviceFile> file{std::in_place,
                                   DeviceFile::Options{bench.driver, runtime.path() / "dev"}};
};

/// 0 or the errno; the whole command is written, or nothing.
int give(const Fd& device, const std::string& command) {
    const ssize_t written = write(device.get(), command.data(), command.size());
    if (written < 0)
        return errno;
    CHECK(static_cast<std::size_t>(written) == command.size());
    return 0;
}

/// -errno, or what was read.
ssize_t take(const Fd& device, std::string& text, std::size_t size = 4096) {
    text.assign(size, '\0');
    const ssize_t length = read(device.get(), text.data(), size);
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return length < 0 ? -errno : length;
}

protocol::StateLine state_of(const Fd& device) {
    std::string text;
    REQUIRE(take(device, text) > 0);
    return protocol::parse_state_line(text).value();
}

short poll_now(const Fd& device, short events = POLLIN | POLLOUT | POLLPRI | POLLRDNORM) {
    pollfd wanted{device.get(), events, 0};
    REQUIRE(poll(&wanted, 1, 0) >= 0);
    return wanted.revents;
}

void bind(const FileBench& of, const Fd& device) {
    for (const std::string_view limit : DriverBench::low_limits)
        REQUIRE(give(device, std::string(limit)) == 0);
    REQUIRE(give(device, of.bind_command()) == 0);
    REQUIRE(give(device, "bind") == 0);
}

/// In a thread with a working directory of its own.
template<typename Work>
void in_directory(const fs::path& directory, Work work) {
    std::thread([&] {
        REQUIRE(unshare(CLONE_FS) == 0);
        REQUIRE(chdir(directory.c_str()) == 0);
        work();
    }).join();
}

} // namespace

TEST_CASE("the file is there, for its owner alone") {
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    struct stat status{};
    REQUIRE(stat(of.file->path().c_str(), &status) == 0);
    CHECK(status.st_mode == (S_IFREG | 0600));
    CHECK(status.st_uid == geteuid());
    CHECK(of.file->path() == of.runtime.path() / "dev/cachefiles");
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(of.runtime.path() / "dev"))
        names.push_back(entry.path().filename());
    CHECK(names == std::vector<std::string>{"cachefiles"});
    CHECK_FALSE(fs::exists(of.runtime.path() / "dev/other"));
    CHECK(chmod(of.file->path().c_str(), 0666) == -1);
    CHECK(errno == EPERM);
}

TEST_CASE("it is opened once at a time, by whatever way") {
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    Fd device = of.open();
    REQUIRE(device);
    CHECK_FALSE(of.open());
    CHECK(errno == EBUSY);
    CHECK_FALSE(of.open(O_RDONLY));
    CHECK(errno == EBUSY);
    const Fd copy(dup(device.get()));
    device.reset();
    CHECK_FALSE(of.open()); // open as long as there is a copy
    CHECK(errno == EBUSY);
}

TEST_CASE("as soon as it is closed it can be opened again, and is new") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    for (int again = 0; again < 5; ++again) {
        const Fd device = of.open(O_RDWR | O_TRUNC);
        REQUIRE(device);
        std::string text;
        CHECK(take(device, text) == 0);
        bind(of, device);
        CHECK(state_of(device).brun > 0);
    }
}

TEST_CASE("commands have the driver's answers") {
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    const Fd device = of.open();
    CHECK(give(device, "brun 9%") == 0);
    CHECK(give(device, "brun 9%\ngarbage") == 0);
    CHECK(give(device, "brun 9") == EINVAL);
    CHECK(give(device, "what") == EOPNOTSUPP);
    CHECK(give(device, "brun 9%" + std::string(4088, '\n')) == 0); // 4095 bytes
    CHECK(give(device, "brun 9%" + std::string(4089, '\n')) == EOPNOTSUPP);
    CHECK(give(device, "brun 9%" + std::string(1'000'000, '\n')) == EOPNOTSUPP);
    CHECK(give(device, std::string("tag a\0b", 7)) == EINVAL);
    CHECK(give(device, "dir /nowhere/at/all") == 0);
    CHECK(give(device, "bind") == ENOENT);
    CHECK(give(device, "cull a/b") == EINVAL);
    CHECK(give(device, "cull a") == EIO);
    CHECK(fsync(device.get()) == -1);
    CHECK(errno == EINVAL);
    int argument = 0;
    CHECK(ioctl(device.get(), 0x40049801, &argument) == -1);
    CHECK(errno == ENOTTY);
    CHECK(lseek(device.get(), 0, SEEK_SET) == -1);
}

TEST_CASE("modes of opening are the kernel's to enforce") {
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    std::string text;
    {
        const Fd device = of.open(O_RDONLY);
        CHECK(give(device, "debug") == EBADF);
        CHECK(take(device, text) == 0);
    }
    const Fd device = of.open(O_WRONLY);
    CHECK(give(device, "debug") == 0);
    CHECK(take(device, text) == -EBADF);
}

TEST_CASE("a state line that does not fit") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    const Fd device = of.open();
    bind(of, device);
    std::string text;
    CHECK(take(device, text, 20) == -EMSGSIZE);
    CHECK(take(device, text, 256) > 80);
}

TEST_CASE("poll shows the two bits, and nothing else") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    FileBench of;
    const Fd device = of.open();
    CHECK(poll_now(device) == 0);
    bind(of, device);
    CHECK(poll_now(device) == 0);
    const protocol::StateLine limits = state_of(device);
    of.bench.set_room(cache::store::Room{limits.fcull - 1, ~std::uint64_t{0}});
    CHECK(poll_now(device) == 0); // nobody has looked yet
    CHECK(state_of(device).culling);
    CHECK(poll_now(device) == POLLOUT);
    of.bench.set_room(cache::store::Room{~std::uint64_t{0}, ~std::uint64_t{0}});
    CHECK_FALSE(state_of(device).culling);
    CHECK(poll_now(device) == 0);
    of.bench.relinquish(of.bench.use("a"));
    CHECK(poll_now(device) == POLLIN);
    CHECK(state_of(device).freleased == 1);
    CHECK(poll_now(device) == 0);
}

TEST_CASE("who waits in poll is woken, and so is an edge-triggered epoll, each time") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    FileBench of;
    const Fd device = of.open();
    bind(of, device);
    std::promise<void> waiting;
    std::thread waiter([&] {
        pollfd wanted{device.get(), POLLIN, 0};
        waiting.set_value();
        CHECK(poll(&wanted, 1, -1) == 1);
        CHECK(wanted.revents == POLLIN);
    });
    waiting.get_future().wait();
    of.bench.relinquish(of.bench.use("a"));
    waiter.join();

    const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
    epoll_event wanted{EPOLLIN | EPOLLOUT | EPOLLET, {}};
    REQUIRE(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, device.get(), &wanted) == 0);
    epoll_event event{};
    CHECK(epoll_wait(epoll.get(), &event, 1, -1) == 1); // as it stands
    for (const char* const key : {"b", "c", "d"}) {
        of.bench.relinquish(of.bench.use(key));
        CHECK(epoll_wait(epoll.get(), &event, 1, -1) == 1);
        CHECK(std::uint32_t{event.events} == EPOLLIN);
    }
    CHECK(state_of(device).freleased == 4);
}

TEST_CASE("a command that waits holds up neither reading nor polling") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    FileBench of;
    const Fd device = of.open();
    bind(of, device);
    of.bench.relinquish(of.bench.use("a"));
    const fs::path victim = of.bench.files().at(0);
    std::promise<void> reached;
    std::promise<void> go_on;
    of.bench.set_at_cull([&] {
        reached.set_value();
        go_on.get_future().wait();
    });
    std::thread culler([&] {
        in_directory(victim.parent_path(),
                     [&] { CHECK(give(device, "cull " + victim.filename().native()) == 0); });
    });
    reached.get_future().wait();
    CHECK(poll_now(device) == POLLIN); // by the same descriptor
    CHECK(state_of(device).freleased == 1);
    CHECK_FALSE(of.open());
    CHECK(errno == EBUSY);
    go_on.set_value();
    culler.join();
}

TEST_CASE("cull acts on the working directory of the thread that writes") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    FileBench of;
    const Fd device = of.open();
    bind(of, device);
    of.bench.relinquish(of.bench.use("idle"));
    const fs::path victim = of.bench.files().at(0);
    const std::string name = victim.filename();
    const cache::CookiePtr busy = of.bench.use("busy");
    CHECK(give(device, "cull " + name) == EIO); // the process is elsewhere
    in_directory(victim.parent_path(), [&] {
        CHECK(give(device, "inuse " + name) == 0);
        CHECK(give(device, "cull none") == ENOENT);
        CHECK(give(device, "cull " + name) == 0);
        CHECK(give(device, "cull " + name) == ENOENT);
    });
    CHECK_FALSE(fs::exists(victim));
    in_directory(of.bench.root(), [&] { CHECK(give(device, "cull cache") == EBUSY); });
    in_directory(of.runtime.path() / "dev", [&] { // in the very mount
        CHECK(give(device, "cull cachefiles") == EIO);
    });
    of.bench.relinquish(busy);
}

TEST_CASE("a relative directory is the caller's") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    const Fd device = of.open();
    REQUIRE(give(device, "dir .") == 0);
    CHECK(give(device, "bind now") == EINVAL);
    in_directory(of.bench.root(), [&] { CHECK(give(device, "bind") == 0); });
    CHECK(fs::exists(of.bench.root() / "cache"));
}

TEST_CASE("a directory within the mount itself is refused, and nobody waits for ever") {
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    const Fd device = of.open();
    REQUIRE(give(device, "dir " + (of.runtime.path() / "dev").native()) == 0);
    CHECK(give(device, "bind") == EOPNOTSUPP);
    CHECK(give(device, "bind") == EOPNOTSUPP);
}

TEST_CASE("a process that is killed lets go of the device, and its cache is withdrawn") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    const FileBench of;
    std::array<int, 2> told{};
    REQUIRE(pipe(told.data()) == 0);
    const std::string script = "exec 3<>" + of.file->path().native() + "; printf '" +
                               of.bind_command() + "' >&3; printf bind >&3; echo; exec sleep 1000";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, told[1], 1);
    posix_spawn_file_actions_addclose(&actions, told[0]);
    pid_t child = 0;
    std::string shell = "sh", option = "-c", text = script;
    std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
    REQUIRE(posix_spawn(&child, "/bin/sh", &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(told[1]);
    char byte = 0;
    REQUIRE(read(told[0], &byte, 1) == 1);
    close(told[0]);
    CHECK(of.bench.bounds == 1);
    CHECK_FALSE(of.open());
    CHECK(errno == EBUSY);
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    const Fd device = of.open(); // waits for the withdrawal
    REQUIRE(device);
    CHECK(of.bench.withdrawals == 1);
    bind(of, device);
}

TEST_CASE("when the server goes, what is open is withdrawn and the mount is gone") {
    NEED_A_STORE();
    NEED_A_FUSE_MOUNT();
    FileBench of;
    const Fd device = of.open();
    bind(of, device);
    const fs::path path = of.file->path();
    of.file.reset();
    CHECK(of.bench.withdrawals == 1);
    CHECK_FALSE(fs::exists(path));
    std::string text;
    CHECK(take(device, text) == -ENOTCONN);
    CHECK(give(device, "debug") == ENOTCONN);
    of.file.emplace(DeviceFile::Options{of.bench.driver, of.runtime.path() / "dev"});
    CHECK(of.open());
}
