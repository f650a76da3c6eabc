// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/cookie.hpp"
#include "mount/fetch.hpp"
#include "mount/node.hpp"
#include "mount/node_path.hpp"
#include "mount/owner_locks.hpp"
#include "mount/statistics.hpp"
#include "mount/version.hpp"

#include <condition_variable>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace cachefiles::mount {

class NodeTable;
class Source;
class Storer;

/// What files need, all of which outlives them.
struct FileServices {
    Source& source;
    NodeTable& nodes;
    Cookies& cookies;
    Storer& storer;
    Statistics& statistics;
    bool read_only; ///< nothing changes by way of the mount
    /// The kernel's pages of a file are old. Does not wait.
    std::function<void(std::uint64_t node)> drop_pages;
};

/// The content of a regular file while it is open: read from the cache, or from the source, by
/// whole blocks that are then stored; a block that several want is got once. There is one for a
/// node. Any thread; while it waits for the source or the cache no lock is held.
class CachedFile final : public std::enable_shared_from_this<CachedFile> {
public:
    /// `path`: O_PATH; NULL, if it is not open so far.
    CachedFile(FileServices& services, NodePtr node, std::shared_ptr<const Fd> path,
               const Attributes& attributes);

    /// Into the buffer: bytes, fewer at the end of the file. Errors are the source's.
    [[nodiscard]] std::expected<std::size_t, int> read(std::span<char> buffer, std::uint64_t start);
    /// A file that has all of the range, to be spliced from; empty if it is not all cached.
    [[nodiscard]] Fd cached_range(std::uint64_t start, std::uint64_t length);
    /// All of it.
    [[nodiscard]] Fd whole();
    [[nodiscard]] std::uint64_t cached_bytes();
    /// Gets a block for somebody who is going to want it. Nothing where there is no cache.
    void read_ahead(std::uint64_t start);

    /// The file was looked at. Whether its content is another than what has been served so far:
    /// then all that was cached is void. Whoever is writing it changes it himself.
    bool looked_at(const Version& version);
    [[nodiscard]] Version version();
    /// Something of the file was changed on purpose, but not its content.
    void adopt(const Version& before, const Version& after);

    /// lseek(2) for data and holes, as the source has them.
    [[nodiscard]] std::expected<off_t, int> seek(off_t offset, int whence);
    /// Those of the file, at the source.
    [[nodiscard]] OwnerLocks& locks() { return locks_; }

    // Writing: after the source has it.
    /// Whether somebody else was already.
    bool begin_writing();
    void wrote(std::span<const char> data, std::uint64_t start);
    void resized(std::uint64_t size);
    void spoiled();
    /// The last of the writers has closed the source's file: what it is now. Nothing: there are
    /// others, or nobody can tell.
    [[nodiscard]] std::optional<Attributes> end_writing();
    [[nodiscard]] bool is_written();

    /// Puts what was fetched into the cache, if the source still is what it was. Storer's thread.
    void store(std::span<const std::shared_ptr<Fetch>> fetches);
    void forget(const Fetch& fetch);

private:
    using Lock = std::unique_lock<std::mutex>;
    using FetchPtr = std::shared_ptr<Fetch>;
    using Count = std::expected<std::size_t, int>;

    [[nodiscard]] std::shared_ptr<Cookie> cookie();
    [[nodiscard]] std::string cookie_key();
    [[nodiscard]] std::expected<int, int> source_file();
    [[nodiscard]] std::optional<Count> step(std::span<char> buffer, std::uint64_t start);
    [[nodiscard]] bool is_behind_end(std::uint64_t start);
    [[nodiscard]] std::optional<Count> fetch(const cachefiles_plan& plan, std::span<char> buffer,
                                             std::uint64_t start);
    [[nodiscard]] FetchPtr begin_fetch(Lock& lock, std::uint64_t block,
                                       const cachefiles_plan& plan);
    void run(const FetchPtr& fetch);
    [[nodiscard]] Count download(std::span<char> buffer, std::uint64_t start);
    void content_changed(const Version& version);

    FileServices& services_;
    const NodePtr node_;
    NodePath path_;

    std::mutex mutex_; ///< guards what follows
    std::condition_variable fetched_;
    Version version_;
    Attributes attributes_; ///< when it was opened; for the cookie's key
    std::shared_ptr<Cookie> cookie_;
    Fd source_; ///< opened at the first miss
    unsigned writers_ = 0;
    std::map<std::uint64_t, FetchPtr> fetches_; ///< by start

    OwnerLocks locks_;
};

} // namespace cachefiles::mount
