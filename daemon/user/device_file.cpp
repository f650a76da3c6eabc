// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/device_file.hpp"

#include "cache/thread_executor.hpp"
#include "daemon/user/caller_files.hpp"
#include "daemon/user/fuse.hpp"
#include "daemon/user/fuse_mount.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cachefiles::daemon::user {
namespace {

using cache::driver::DriverCache;

constexpr const char* file_name = "cachefiles";
constexpr fuse_ino_t file_inode = 2; // the root is FUSE_ROOT_ID, 1

// Nothing ever changes: the kernel need not ask again.
constexpr double attribute_seconds = 86400;

/// FUSE's answer to an open. fuse_reply_open() cannot say FOPEN_STREAM: a file without a position,
/// so that a write that waits does not keep another thread from reading by the same descriptor.
struct OpenReply {
    static constexpr std::uint32_t direct_io = 1U << 0;
    static constexpr std::uint32_t nonseekable = 1U << 2; // where stream is not known
    static constexpr std::uint32_t stream = 1U << 4;      // Linux 5.1
    static constexpr std::uint32_t no_flush = 1U << 5;    // Linux 5.16

    std::uint64_t handle = 0;
    std::uint32_t flags = direct_io | nonseekable | stream | no_flush;
    std::uint32_t padding = 0;
};

struct stat attributes_of(fuse_ino_t inode) {
    static const std::time_t start = std::time(nullptr);
    struct stat status{};
    status.st_ino = inode;
    status.st_mode = inode == file_inode ? S_IFREG | 0600 : S_IFDIR | 0755;
    status.st_nlink = inode == file_inode ? 1 : 2;
    status.st_uid = geteuid();
    status.st_gid = getegid();
    status.st_atime = status.st_mtime = status.st_ctime = start;
    return status;
}

void look_up(fuse_req_t request, fuse_ino_t parent, const char* name) {
    if (parent != FUSE_ROOT_ID || std::string_view(name) != file_name) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    fuse_entry_param entry{};
    entry.ino = file_inode;
    entry.attr = attributes_of(file_inode);
    entry.attr_timeout = attribute_seconds;
    entry.entry_timeout = attribute_seconds;
    fuse_reply_entry(request, &entry);
}

void get_attributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
    const struct stat status = attributes_of(inode);
    fuse_reply_attr(request, &status, attribute_seconds);
}

/// A device has no size: to truncate it does nothing. Mode and owner stay.
void set_attributes(fuse_req_t request, fuse_ino_t inode, struct stat*, int what,
                    fuse_file_info* file) {
    if ((what & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0)
        fuse_reply_err(request, EPERM);
    else
        get_attributes(request, inode, file);
}

void read_directory(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                    fuse_file_info*) {
    constexpr std::array<std::pair<const char*, fuse_ino_t>, 3> entries{
        {{".", FUSE_ROOT_ID}, {"..", FUSE_ROOT_ID}, {file_name, file_inode}}};
    if (inode != FUSE_ROOT_ID) {
        fuse_reply_err(request, ENOTDIR);
        return;
    }
    std::string buffer(size, '\0');
    std::size_t used = 0;
    for (std::size_t i = static_cast<std::size_t>(offset); i < entries.size(); ++i) {
        const struct stat status = attributes_of(entries[i].second);
        const std::size_t length =
            fuse_add_direntry(request, buffer.data() + used, size - used, entries[i].first, &status,
                              static_cast<off_t>(i + 1));
        if (length > size - used)
            break;
        used += length;
    }
    fuse_reply_buf(request, buffer.data(), used);
}

} // namespace

/// The operations on the file. Those that may take long go to one of two threads: opens, commands
/// and closes in their order to one, as the driver's mutex would have it, and reads to the other.
class DeviceFile::Server final {
public:
    explicit Server(Options options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

private:
    using Job = cache::Executor::Job;
    using CachePtr = std::shared_ptr<DriverCache>;

    static const fuse_lowlevel_ops operations;

    // From the thread that takes requests.
    static Server& of(fuse_req_t request) {
        return *static_cast<Server*>(fuse_req_userdata(request));
    }
    void take_open(fuse_req_t request);
    void take_release(fuse_req_t request, std::uint64_t handle);
    void take_write(fuse_req_t request, std::string bytes);
    void take_read(fuse_req_t request, std::size_t size);
    void take_poll(fuse_req_t request, fuse_pollhandle* handle);

    void open(fuse_req_t request, std::uint64_t handle);
    void close();
    void wake();
    [[nodiscard]] CachePtr cache() const;

    cache::driver::Driver& driver_;
    mutable std::mutex mutex_; // guards what follows
    bool stopping_ = false;
    std::uint64_t last_handle_ = 0;
    std::uint64_t holder_ = 0; ///< the handle of who has the file open; 0: nobody
    CachePtr cache_;
    fuse_pollhandle* poll_ = nullptr;

    std::unique_ptr<cache::ThreadExecutor> commands_ = std::make_unique<cache::ThreadExecutor>(1);
    std::unique_ptr<cache::ThreadExecutor> reads_ = std::make_unique<cache::ThreadExecutor>(1);

public:
    FuseMount mount; // last: its thread uses all of this
};

const fuse_lowlevel_ops DeviceFile::Server::operations = [] {
    fuse_lowlevel_ops ops{};
    ops.lookup = look_up;
    ops.getattr = get_attributes;
    ops.setattr = set_attributes;
    ops.readdir = read_directory;
    ops.open = [](fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
        if (inode == file_inode)
            of(request).take_open(request);
        else
            fuse_reply_err(request, EISDIR);
    };
    ops.release = [](fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
        of(request).take_release(request, file->fh);
    };
    ops.write = [](fuse_req_t request, fuse_ino_t, const char* bytes, std::size_t size, off_t,
                   fuse_file_info*) {
        of(request).take_write(request, std::string(bytes, size));
    };
    ops.read = [](fuse_req_t request, fuse_ino_t, std::size_t size, off_t, fuse_file_info*) {
        of(request).take_read(request, size);
    };
    ops.poll = [](fuse_req_t request, fuse_ino_t, fuse_file_info*, fuse_pollhandle* handle) {
        of(request).take_poll(request, handle);
    };
    ops.fsync = [](fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
        fuse_reply_err(request, EINVAL);
    };
    ops.ioctl = [](fuse_req_t request, fuse_ino_t, unsigned, void*, fuse_file_info*, unsigned,
                   const void*, std::size_t, std::size_t) {
        fuse_reply_err(request, ENOTTY);
    };
    return ops;
}();

DeviceFile::Server::Server(Options options)
    : driver_(options.driver), mount(std::move(options.directory), operations, this) {}

/// Requests are taken to the end, so that no job waits for this very mount.
DeviceFile::Server::~Server() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    commands_.reset();
    reads_.reset();
    close();
    mount.stop();
    if (poll_ != nullptr)
        fuse_pollhandle_destroy(poll_);
}

void DeviceFile::Server::take_open(fuse_req_t request) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || holder_ != 0) {
        fuse_reply_err(request, stopping_ ? ENODEV : EBUSY);
        return;
    }
    // Behind the close of who had it before: until that is done the opener waits, as in the kernel
    // it would have waited for close(2).
    holder_ = ++last_handle_;
    commands_->submit([this, request, handle = holder_] { open(request, handle); });
}

void DeviceFile::Server::open(fuse_req_t request, std::uint64_t handle) {
    std::expected<std::unique_ptr<DriverCache>, int> opened = driver_.open([this] { wake(); });
    if (opened) {
        {
            const std::lock_guard lock(mutex_);
            cache_ = *std::move(opened);
        }
        const OpenReply reply{handle};
        // ENOENT: the opener has been killed meanwhile, and there will be no release.
        if (fuse_reply_buf(request, reinterpret_cast<const char*>(&reply), sizeof reply) == 0)
            return;
        close();
    } else {
        fuse_reply_err(request, opened.error());
    }
    const std::lock_guard lock(mutex_);
    if (holder_ == handle)
        holder_ = 0;
}

void DeviceFile::Server::take_release(fuse_req_t request, std::uint64_t handle) {
    const std::lock_guard lock(mutex_);
    if (holder_ == handle)
        holder_ = 0;
    if (poll_ != nullptr)
        fuse_pollhandle_destroy(std::exchange(poll_, nullptr));
    if (stopping_) {
        fuse_reply_err(request, 0);
        return;
    }
    commands_->submit([this, request] {
        close();
        fuse_reply_err(request, 0);
    });
}

void DeviceFile::Server::close() {
    CachePtr cache;
    {
        const std::lock_guard lock(mutex_);
        cache = std::move(cache_);
    }
    if (cache)
        cache->close();
}

void DeviceFile::Server::take_write(fuse_req_t request, std::string bytes) {
    cache::driver::Caller caller = caller_of(fuse_req_ctx(request)->pid, bytes);
    const std::lock_guard lock(mutex_);
    if (stopping_) {
        fuse_reply_err(request, ENODEV);
        return;
    }
    commands_->submit([this, request, bytes = std::move(bytes), caller = std::move(caller)] {
        const CachePtr cache = this->cache();
        const int error = cache ? cache->command(bytes, caller) : ENODEV;
        if (error == 0)
            fuse_reply_write(request, bytes.size());
        else
            fuse_reply_err(request, error);
    });
}

void DeviceFile::Server::take_read(fuse_req_t request, std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
        fuse_reply_err(request, ENODEV);
        return;
    }
    reads_->submit([this, request, size] {
        const CachePtr cache = this->cache();
        const std::expected<std::string, int> line =
            cache ? cache->read(size) : std::unexpected(ENODEV);
        if (line)
            fuse_reply_buf(request, line->data(), line->size());
        else
            fuse_reply_err(request, line.error());
    });
}

/// The handle first, then the bits: what changes in between wakes.
void DeviceFile::Server::take_poll(fuse_req_t request, fuse_pollhandle* handle) {
    const std::lock_guard lock(mutex_);
    if (handle != nullptr) {
        if (poll_ != nullptr)
            fuse_pollhandle_destroy(poll_);
        poll_ = handle;
    }
    fuse_reply_poll(request, cache_ ? static_cast<unsigned>(cache_->poll()) : 0);
}

void DeviceFile::Server::wake() {
    const std::lock_guard lock(mutex_);
    if (poll_ != nullptr)
        fuse_lowlevel_notify_poll(poll_);
}

std::shared_ptr<DriverCache> DeviceFile::Server::cache() const {
    const std::lock_guard lock(mutex_);
    return cache_;
}

DeviceFile::DeviceFile(Options options) : server_(std::make_unique<Server>(std::move(options))) {}

DeviceFile::~DeviceFile() = default;

std::filesystem::path DeviceFile::path() const {
    return server_->mount.directory() / file_name;
}

} // namespace cachefiles::daemon::user
