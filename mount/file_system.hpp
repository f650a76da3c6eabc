// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mount/cached_file.hpp"
#include "mount/cookie.hpp"
#include "mount/fuse.hpp"
#include "mount/handle.hpp"
#include "mount/handles.hpp"
#include "mount/node_table.hpp"
#include "mount/options.hpp"
#include "mount/passthrough.hpp"
#include "mount/pool.hpp"
#include "mount/request.hpp"
#include "mount/request_watch.hpp"
#include "mount/source.hpp"
#include "mount/statistics.hpp"
#include "mount/storer.hpp"

#include <cachefiles.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::mount {

/// What the kernel asks, answered from the source and the cache. Its functions are called by the
/// session's threads, several at a time, and each answers its request.
///
/// Consistency: names and attributes are asked for at the source, unless they are younger than
/// `revalidate`. At an open the file's version is compared with that of what is cached and of the
/// kernel's pages; from then on the file is read as if it stayed so, until the next open finds that
/// it did not.
class FileSystem final {
public:
    struct Setting {
        const Options& options;
        Source& source;
        cachefiles_connection* connection; ///< NULL: no cache
        cachefiles_volume* volume;
        std::size_t most_descriptors; ///< of the source, that are kept open for names
    };

    explicit FileSystem(const Setting& setting);
    ~FileSystem();
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    static const fuse_lowlevel_ops operations;

    /// Before the session is served, and NULL before it goes.
    void attach(fuse_session* session);
    void use_passthrough(std::unique_ptr<Passthrough> passthrough) {
        passthrough_ = std::move(passthrough);
    }
    [[nodiscard]] Passthrough* passthrough() { return passthrough_.get(); }
    [[nodiscard]] RequestWatch& watch() { return watch_; }
    /// Stores what is still to be stored.
    void finish();

private:
    using Inode = fuse_ino_t;
    using Path = std::shared_ptr<const Fd>;
    template<typename Value>
    using Result = std::expected<Value, int>;

    static FileSystem& of(fuse_req_t request) {
        return *static_cast<FileSystem*>(fuse_req_userdata(request));
    }
    template<auto Function, typename... Arguments>
    static void answer(fuse_req_t request, bool may_wait, Arguments... arguments);
    template<auto Function, typename... Arguments>
    static void ask(fuse_req_t request, Arguments... arguments);
    template<auto Function, typename... Arguments>
    static void call(fuse_req_t request, Arguments... arguments);
    template<auto Function, typename... Arguments>
    static void wait(fuse_req_t request, Arguments... arguments);

    // file_system.cpp
    void set_up(fuse_conn_info& connection) const;
    /// Seconds, for the kernel.
    [[nodiscard]] double names_believed(mode_t mode) const;
    [[nodiscard]] double attributes_believed(mode_t mode) const;
    [[nodiscard]] bool is_fresh(const Node& node) const;
    [[nodiscard]] Result<NodePtr> node_of(Inode inode);
    struct Found {
        NodePtr node;
        Path path;
    };
    [[nodiscard]] Result<Found> find(Inode inode);
    void note(Node& node, const Attributes& attributes) const;
    [[nodiscard]] Result<Attributes> look_at(Node& node, int file) const;
    void drop_pages(std::uint64_t node);

    // file_system_names.cpp
    void look_up(Request& request, Inode parent, const char* name);
    [[nodiscard]] Result<fuse_entry_param> enter(const NodePtr& parent, const char* name,
                                                 const Attributes& attributes);
    [[nodiscard]] Result<fuse_entry_param> enter(const Found& parent, const char* name);
    void answer_made(Request& request, const Found& parent, const char* name, int result);
    void make_node(Request& request, Inode parent, const char* name, mode_t mode, dev_t device);
    void make_directory(Request& request, Inode parent, const char* name, mode_t mode);
    void make_symbolic_link(Request& request, const char* target, Inode parent, const char* name);
    void link(Request& request, Inode inode, Inode new_parent, const char* new_name);
    void unlink(Request& request, Inode parent, const char* name);
    void remove_directory(Request& request, Inode parent, const char* name);
    void rename(Request& request, Inode parent, const char* name, Inode new_parent,
                const char* new_name, unsigned flags);
    void read_link(Request& request, Inode inode);

    // file_system_attributes.cpp
    void get_attributes(Request& request, Inode inode, fuse_file_info* file);
    void set_attributes(Request& request, Inode inode, struct stat* status, int what,
                        fuse_file_info* file);
    [[nodiscard]] int apply(const Found& found, const struct stat& status, int what,
                            const Handle* handle);
    [[nodiscard]] int set_size(const Found& found, std::uint64_t size, const Handle* handle);
    [[nodiscard]] int with_same_content(const Found& found, const std::function<int()>& change);
    void set_attribute(Request& request, Inode inode, const char* name, const char* value,
                       std::size_t size, int flags);
    void get_attribute(Request& request, Inode inode, const char* name, std::size_t size);
    void list_attributes(Request& request, Inode inode, std::size_t size);
    void remove_attribute(Request& request, Inode inode, const char* name);
    void file_system_status(Request& request, Inode inode);

    // file_system_insight.cpp
    [[nodiscard]] std::optional<Result<std::string>> own_attribute(Inode inode, const char* name);
    [[nodiscard]] Result<std::string> cached_attribute(Inode inode);
    [[nodiscard]] std::string mount_attribute();

    // file_system_files.cpp
    void open(Request& request, Inode inode, fuse_file_info* file);
    void create(Request& request, Inode parent, const char* name, mode_t mode,
                fuse_file_info* file);
    [[nodiscard]] Result<std::shared_ptr<Handle>> open_handle(const Found& found, int flags,
                                                              Fd source);
    [[nodiscard]] bool settle_pages(Handle& handle);
    [[nodiscard]] std::optional<int> begin_passthrough(Handle& handle);
    void close(Handle& handle);
    void release(Request& request, Inode inode, fuse_file_info* file);
    void flush(Request& request, Inode inode, fuse_file_info* file);
    void sync(Request& request, Inode inode, int data_only, fuse_file_info* file);

    // file_system_data.cpp
    void read(Request& request, Inode inode, std::size_t size, off_t offset, fuse_file_info* file);
    void read_ahead(Handle& handle, std::uint64_t start, std::uint64_t length);
    void write(Request& request, Inode inode, const char* data, std::size_t size, off_t offset,
               fuse_file_info* file);
    void allocate(Request& request, Inode inode, int mode, off_t offset, off_t length,
                  fuse_file_info* file);
    void seek(Request& request, Inode inode, off_t offset, int whence, fuse_file_info* file);

    // file_system_directories.cpp
    void open_directory(Request& request, Inode inode, fuse_file_info* file);
    void release_directory(Request& request, Inode inode, fuse_file_info* file);
    void sync_directory(Request& request, Inode inode, int data_only, fuse_file_info* file);
    void read_directory(Request& request, Inode inode, std::size_t size, off_t offset,
                        fuse_file_info* file);
    void read_directory_plus(Request& request, Inode inode, std::size_t size, off_t offset,
                             fuse_file_info* file);
    [[nodiscard]] Result<std::shared_ptr<const std::vector<DirectoryHandle::Entry>>>
    entries_of(DirectoryHandle& handle, off_t offset);
    [[nodiscard]] std::vector<Result<Attributes>>
    look_at_all(const Path& path,
                const std::shared_ptr<const std::vector<DirectoryHandle::Entry>>& entries,
                std::size_t first, std::size_t last);

    // file_system_locks.cpp
    void get_lock(Request& request, Inode inode, fuse_file_info* file, struct flock* lock);
    void set_lock(Request& request, Inode inode, fuse_file_info* file, struct flock* lock,
                  int sleep);
    void lock_file(Request& request, Inode inode, fuse_file_info* file, int operation);

    const Options& options_;
    Source& source_;
    cachefiles_connection* const connection_;
    Statistics statistics_;
    std::mutex session_mutex_;
    fuse_session* session_ = nullptr;
    std::unique_ptr<Passthrough> passthrough_;
    NodeTable nodes_;
    Cookies cookies_;
    Storer storer_;
    FileServices services_;
    RequestWatch watch_;
    Pool notifier_; ///< waits for the kernel's locks of pages, which those wait for who read them
    Pool pool_;     ///< its work uses all of the above
    Handles<DirectoryHandle> directories_;
    Handles<Handle> handles_; ///< last: what is still open is closed with all of it
};

} // namespace cachefiles::mount
