// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/backend.hpp"
#include "cache/commit_queue.hpp"
#include "cache/store/recency.hpp"
#include "cache/store/space_check.hpp"
#include "index/ids.hpp"
#include "index/map_update.hpp"

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cachefiles::cache::store {

/// Files have whole units of this many bytes (on-disk-format.md section 7), whatever the size of
/// pages and blocks.
inline constexpr std::uint64_t file_unit = 4096;

/// What a file of the kernel can have, in whole units.
inline constexpr std::uint64_t largest_object = (std::uint64_t{1} << 63) - file_unit;

[[nodiscard]] constexpr std::uint64_t file_size_for(std::uint64_t object_size) {
    return (object_size + file_unit - 1) / file_unit * file_unit;
}

/// Whether the format has room for them.
[[nodiscard]] bool is_storable(const Coherency& coherency);

/// Never 0.
[[nodiscard]] index::ContentId new_content_id();

/// A file of the store; whoever still holds it after the store has gone holds up nobody. Its id and
/// object are set by the object's own thread. Any thread.
class ObjectFile final : public BackendFile,
                         public CommitTarget,
                         public std::enable_shared_from_this<ObjectFile> {
public:
    /// What a file needs of its store. Without an index the last two are null.
    struct Services {
        std::shared_ptr<SpaceCheck> space;
        std::shared_ptr<CommitQueue> commits;
        std::shared_ptr<Recency> recency;
    };

    ObjectFile(Fd fd, std::uint64_t object_size, index::ContentId content_id, Services services)
        : fd_(std::move(fd)), content_(object_size), content_id_(content_id),
          services_(std::move(services)) {}

    [[nodiscard]] int descriptor() const override { return fd_.get(); }
    [[nodiscard]] Content& content() override { return content_; }
    [[nodiscard]] std::expected<std::unique_ptr<SpaceHold>, int>
    hold_space(std::uint64_t bytes) override {
        return store::hold_space(services_.space, bytes);
    }
    void commit_later(std::uint64_t first_block, std::uint64_t count) override;
    void note_use() override;

    [[nodiscard]] Identity identity() const override {
        return {object_.load(), content_id_.load()};
    }
    void begin_sync(const Content::Blocks& blocks) override;
    [[nodiscard]] int sync() override;
    void sync_failed() override;

    [[nodiscard]] index::ContentId content_id() const { return content_id_.load(); }
    void set_content_id(index::ContentId id) { content_id_.store(id); }
    /// Its row in the index; 0: none (yet).
    void set_object(index::ObjectId id) { object_.store(id); }
    /// What is in it is not known.
    [[nodiscard]] bool bad() const { return bad_.load(); }
    /// No more commits. True: not all blocks have been set in the index.
    bool close();

private:
    Fd fd_;
    Content content_;
    std::atomic<index::ContentId> content_id_; ///< 0: the index cannot know its blocks
    std::atomic<index::ObjectId> object_;
    std::atomic<bool> bad_ = false;
    const Services services_;
};

/// An empty file without a name for an object of that size. `key`: kept with it. Errors: errno.
[[nodiscard]] std::expected<std::shared_ptr<ObjectFile>, int>
make_object_file(int directory, std::uint64_t object_size, const std::optional<std::string>& key,
                 ObjectFile::Services services);

/// Gives a file that was found the size it has to have, as the driver does at lookup: a last
/// incomplete unit does not survive growing. 0 or errno.
[[nodiscard]] int adjust_size(int fd, std::uint64_t object_size);

/// Writes the attribute, with the content clean or dirty. 0 or errno.
[[nodiscard]] int write_coherency(int fd, const Coherency& coherency, bool dirty,
                                  index::ContentId content_id);

/// The last resort for a file that cannot be unlinked: no lookup finds data in it any more, also
/// after a crash. 0 or the errno of the first thing tried.
[[nodiscard]] int make_invalid(int fd);

} // namespace cachefiles::cache::store
