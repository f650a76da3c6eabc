// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/file_system.hpp"

#include <sys/stat.h>
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
                                                                 options_.read_only,
                                                                 [this](std::uint64_t node) {
                                                                     drop_pages(node);
                                                                 }},
      watch_(options_.time_out, statistics_), notifier_(1), pool_(pool_threads) {}

FileSystem::~FileSystem() = default;

void FileSystem::attach(fuse_session* session) {
    const std::lock_guard lock(session_mutex_);
    session_ = session;
}

void FileSystem::finish() {
    storer_.stop();
}

template<auto Function, typename... Arguments>
void FileSystem::answer(fuse_req_t raw, bool may_wait, Arguments... arguments) {
    FileSystem& self = of(raw);
    Request request(self.watch_, raw, may_wait);
    try {
        (self.*Function)(request, arguments...);
    } catch (const std::bad_alloc&) {
        request.error(ENOMEM);
    }
}

/// What asks the source. When too many are stuck in it already, it is not asked.
template<auto Function, typename... Arguments>
void FileSystem::ask(fuse_req_t raw, Arguments... arguments) {
    if (of(raw).watch_.is_stuck())
        fuse_reply_err(raw, ETIMEDOUT);
    else
        answer<Function>(raw, false, arguments...);
}

/// What need not, or what has to be done in any case.
template<auto Function, typename... Arguments>
void FileSystem::call(fuse_req_t raw, Arguments... arguments) {
    answer<Function>(raw, false, arguments...);
}

/// What takes as long as it takes.
template<auto Function, typename... Arguments>
void FileSystem::wait(fuse_req_t raw, Arguments... arguments) {
    answer<Function>(raw, true, arguments...);
}

const fuse_lowlevel_ops FileSystem::operations = [] {
    fuse_lowlevel_ops ops{};
    ops.init = [](void* self, fuse_conn_info* connection) {
        static_cast<FileSystem*>(self)->set_up(*connection);
    };
    ops.lookup = ask<&FileSystem::look_up>;
    ops.forget = [](fuse_req_t request, fuse_ino_t inode, std::uint64_t lookups) {
        of(request).nodes_.forget(inode, lookups);
        fuse_reply_none(request);
    };
    ops.forget_multi = [](fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
        for (std::size_t i = 0; i < count; ++i)
            of(request).nodes_.forget(forgets[i].ino, forgets[i].nlookup);
        fuse_reply_none(request);
    };
    ops.getattr = ask<&FileSystem::get_attributes>;
    ops.setattr = ask<&FileSystem::set_attributes>;
    ops.readlink = ask<&FileSystem::read_link>;
    ops.mknod = ask<&FileSystem::make_node>;
    ops.mkdir = ask<&FileSystem::make_directory>;
    ops.unlink = ask<&FileSystem::unlink>;
    ops.rmdir = ask<&FileSystem::remove_directory>;
    ops.symlink = ask<&FileSystem::make_symbolic_link>;
    ops.rename = ask<&FileSystem::rename>;
    ops.link = ask<&FileSystem::link>;
    ops.open = ask<&FileSystem::open>;
    ops.read = call<&FileSystem::read>;
    ops.write = ask<&FileSystem::write>;
    ops.flush = call<&FileSystem::flush>;
    ops.release = call<&FileSystem::release>;
    ops.fsync = ask<&FileSystem::sync>;
    ops.opendir = ask<&FileSystem::open_directory>;
    ops.readdir = ask<&FileSystem::read_directory>;
    ops.readdirplus = ask<&FileSystem::read_directory_plus>;
    ops.releasedir = call<&FileSystem::release_directory>;
    ops.fsyncdir = ask<&FileSystem::sync_directory>;
    ops.statfs = ask<&FileSystem::file_system_status>;
    ops.setxattr = ask<&FileSystem::set_attribute>;
    ops.getxattr = call<&FileSystem::get_attribute>;
    ops.listxattr = ask<&FileSystem::list_attributes>;
    ops.removexattr = ask<&FileSystem::remove_attribute>;
    ops.create = ask<&FileSystem::create>;
    ops.getlk = ask<&FileSystem::get_lock>;
    ops.setlk = wait<&FileSystem::set_lock>;
    ops.flock = wait<&FileSystem::lock_file>;
    ops.fallocate = ask<&FileSystem::allocate>;
    ops.lseek = ask<&FileSystem::seek>;
    return ops;
}();

void FileSystem::set_up(fuse_conn_info& connection) const {
    const auto want = [&connection](unsigned capability) {
        connection.want |= connection.capable & capability;
    };
    want(FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE | FUSE_CAP_PARALLEL_DIROPS |
         FUSE_CAP_CACHE_SYMLINKS);
    // With names that have to be looked up again, their attributes come again, too.
    if (names_believed(S_IFREG) == 0)
        connection.want &= ~unsigned{FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO};
    // The kernel takes setuid bits away itself: root, who writes here, would keep them.
    connection.want &= ~unsigned{FUSE_CAP_HANDLE_KILLPRIV};
    // Without it who is let in by the mode's group bits may be shut out by the list, and is not.
    if (options_.allow_other && has_access_lists(source_.root()))
        want(FUSE_CAP_POSIX_ACL);
    connection.max_readahead = 1U << 20;
    connection.max_background = 128;
}

double FileSystem::names_believed(mode_t mode) const {
    const std::chrono::seconds time = S_ISDIR(mode) ? options_.directories : options_.revalidate;
    return options_.immutable ? for_ever : static_cast<double>(time.count());
}

double FileSystem::attributes_believed(mode_t mode) const {
    if (options_.immutable || S_ISDIR(mode))
        return names_believed(mode);
    return std::chrono::duration<double>(options_.attributes).count();
}

/// With the node's lock.
bool FileSystem::is_fresh(const Node& node) const {
    if (node.validated == Node::Time())
        return false;
    if (options_.immutable)
        return true;
    const auto age = std::chrono::steady_clock::now() - node.validated;
    // A directory may be opened without a look-up.
    return age < options_.revalidate || (age < same_open && !S_ISDIR(node.attributes.stx_mode));
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
        const std::lock_guard lock(session_mutex_);
        if (session_ != nullptr)
            fuse_lowlevel_notify_inval_inode(session_, node, 0, 0);
    });
}

} // namespace cachefiles::mount
