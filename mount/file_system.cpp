// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/file_system.hpp"

#include <sys/xattr.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace cachefiles::mount {
namespace {

/// What waits to be stored, and is held in memory.
constexpr std::uint64_t most_waiting = std::uint64_t{64} << 20;
/// Blocks and attributes that are asked for in advance at the same time. A server far away answers
/// so many at once; one nearby has no more disks.
constexpr std::size_t pool_threads = 16;
/// An open comes right behind the look-up that the kernel makes for it, if it does not believe what
/// it has. What was found then is not asked for again.
constexpr std::chrono::milliseconds same_open{50};
/// "For ever", as the kernel may be told.
constexpr double for_ever = 1e9;

bool has_access_lists(int directory) {
    const std::string path = "/proc/self/fd/" + std::to_string(directory);
    return getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) >= 0 || errno == ENODATA;
}

} // namespace

RequestWatch& watch_of(fuse_req_t request) {
    return static_cast<FileSystem*>(fuse_req_userdata(request))->watch();
}

FileSystem::FileSystem(const Setting& setting)
    : options_(setting.options), source_(setting.source), connection_(setting.connection),
      nodes_(setting.source.root(), setting.source.root_attributes(), setting.most_descriptors),
      cookies_(setting.volume), storer_(most_waiting), services_{source_,
                                                                 nodes_,
                                                                 cookies_,
                                                                 storer_,
                                                                 statistics_,
                                                                 [this](std::uint64_t node) {
                                                                     drop_pages(node);
                                                                 }},
      watch_(options_.time_out, statistics_), notifier_(1), pool_(pool_threads) {}

FileSystem::~FileSystem() = default;

void FileSystem::finish() {
    storer_.stop();
}

/// Each request: it is answered when the function returns. One that finds too many stuck in the
/// source does not join them.
template<auto Function, typename... Arguments>
void FileSystem::call(fuse_req_t raw, Arguments... arguments) {
    FileSystem& self = of(raw);
    Request request(self.watch_, raw);
    if (self.watch_.is_stuck()) {
        request.error(ETIMEDOUT);
        return;
    }
    try {
        (self.*Function)(request, arguments...);
    } catch (const std::bad_alloc&) {
        request.error(ENOMEM);
    }
}

template<auto Function, typename... Arguments>
void FileSystem::wait(fuse_req_t raw, Arguments... arguments) {
    FileSystem& self = of(raw);
    Request request(self.watch_, raw, true);
    (self.*Function)(request, arguments...);
}

const fuse_lowlevel_ops FileSystem::operations = [] {
    fuse_lowlevel_ops ops{};
    ops.init = [](void* self, fuse_conn_info* connection) {
        static_cast<FileSystem*>(self)->set_up(*connection);
    };
    ops.lookup = call<&FileSystem::look_up>;
    ops.forget = [](fuse_req_t request, fuse_ino_t inode, std::uint64_t lookups) {
        of(request).nodes_.forget(inode, lookups);
        fuse_reply_none(request);
    };
    ops.forget_multi = [](fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
        for (std::size_t i = 0; i < count; ++i)
            of(request).nodes_.forget(forgets[i].ino, forgets[i].nlookup);
        fuse_reply_none(request);
    };
    ops.getattr = call<&FileSystem::get_attributes>;
    ops.setattr = call<&FileSystem::set_attributes>;
    ops.readlink = call<&FileSystem::read_link>;
    ops.mknod = call<&FileSystem::make_node>;
    ops.mkdir = call<&FileSystem::make_directory>;
    ops.unlink = call<&FileSystem::unlink>;
    ops.rmdir = call<&FileSystem::remove_directory>;
    ops.symlink = call<&FileSystem::make_symbolic_link>;
    ops.rename = call<&FileSystem::rename>;
    ops.link = call<&FileSystem::link>;
    ops.open = call<&FileSystem::open>;
    ops.read = call<&FileSystem::read>;
    ops.write = call<&FileSystem::write>;
    ops.flush = call<&FileSystem::flush>;
    ops.release = call<&FileSystem::release>;
    ops.fsync = call<&FileSystem::sync>;
    ops.opendir = call<&FileSystem::open_directory>;
    ops.readdir = call<&FileSystem::read_directory>;
    ops.readdirplus = call<&FileSystem::read_directory_plus>;
    ops.releasedir = call<&FileSystem::release_directory>;
    ops.fsyncdir = call<&FileSystem::sync_directory>;
    ops.statfs = call<&FileSystem::file_system_status>;
    ops.setxattr = call<&FileSystem::set_attribute>;
    ops.getxattr = call<&FileSystem::get_attribute>;
    ops.listxattr = call<&FileSystem::list_attributes>;
    ops.removexattr = call<&FileSystem::remove_attribute>;
    ops.create = call<&FileSystem::create>;
    ops.getlk = call<&FileSystem::get_lock>;
    ops.setlk = wait<&FileSystem::set_lock>;
    ops.flock = wait<&FileSystem::lock_file>;
    ops.fallocate = call<&FileSystem::allocate>;
    ops.lseek = call<&FileSystem::seek>;
    return ops;
}();

void FileSystem::set_up(fuse_conn_info& connection) const {
    const auto want = [&connection](unsigned capability) {
        connection.want |= connection.capable & capability;
    };
    want(FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE | FUSE_CAP_PARALLEL_DIROPS |
         FUSE_CAP_CACHE_SYMLINKS);
    // The kernel takes setuid bits away itself: root, who writes here, would keep them.
    connection.want &= ~unsigned{FUSE_CAP_HANDLE_KILLPRIV};
    // Without it who is let in by the mode's group bits may be shut out by the list, and is not.
    if (options_.allow_other && has_access_lists(source_.root()))
        want(FUSE_CAP_POSIX_ACL);
    connection.max_readahead = 1U << 20;
    connection.max_background = 128;
}

double FileSystem::believed() const {
    return options_.immutable ? for_ever : static_cast<double>(options_.revalidate.count());
}

/// With the node's lock.
bool FileSystem::is_fresh(const Node& node) const {
    if (node.validated == Node::Time())
        return false;
    if (options_.immutable)
        return true;
    const auto age = std::chrono::steady_clock::now() - node.validated;
    return age < options_.revalidate || age < same_open;
}

FileSystem::Result<NodePtr> FileSystem::node_of(Inode inode) {
    NodePtr node = nodes_.find(inode);
    if (node == nullptr)
        return std::unexpected(ESTALE);
    return node;
}

FileSystem::Result<FileSystem::Found> FileSystem::find(Inode inode) {
    Result<NodePtr> node = node_of(inode);
    if (!node)
        return std::unexpected(node.error());
    Result<Path> path = nodes_.path_of(*node);
    if (!path)
        return std::unexpected(path.error());
    return Found{*std::move(node), *std::move(path)};
}

void FileSystem::note(Node& node, const Attributes& attributes) const {
    const std::lock_guard lock(node.mutex);
    node.attributes = attributes;
    node.version = Version::of(attributes);
    node.validated = std::chrono::steady_clock::now();
}

FileSystem::Result<Attributes> FileSystem::look_at(Node& node, int file) const {
    Result<Attributes> attributes = attributes_of(file);
    if (attributes)
        note(node, *attributes);
    return attributes;
}

void FileSystem::drop_pages(std::uint64_t node) {
    notifier_.submit([this, node] {
        if (session_ != nullptr)
            fuse_lowlevel_notify_inval_inode(session_, node, 0, 0);
    });
}

} // namespace cachefiles::mount
