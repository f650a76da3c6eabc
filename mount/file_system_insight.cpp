// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/file_system.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <cerrno>
#include <iterator>
#include <string_view>

namespace cachefiles::mount {

/// Attributes that are the mount's and not the source's, for people and for cachefilesctl(1).
/// Nothing: of the source's.
std::optional<FileSystem::Result<std::string>> FileSystem::own_attribute(Inode inode,
                                                                         const char* name) {
    const std::string_view wanted = name;
    if (!wanted.starts_with("cachefiles."))
        return {};
    if (wanted == "cachefiles.cached")
        return cached_attribute(inode);
    if (wanted == "cachefiles.mount")
        return mount_attribute();
    return std::unexpected(ENODATA);
}

/// "CACHED SIZE" in bytes. A file that is not open is looked up in the cache, which does not count
/// as a use of it by anybody but the culler.
FileSystem::Result<std::string> FileSystem::cached_attribute(Inode inode) {
    const Result<Found> found = watch_.is_stuck() ? std::unexpected(ETIMEDOUT) : find(inode);
    if (!found)
        return std::unexpected(found.error());
    const Result<Attributes> attributes = look_at(*found->node, found->path->get());
    if (!attributes)
        return std::unexpected(attributes.error());
    if (!S_ISREG(attributes->stx_mode))
        return std::unexpected(ENODATA);
    std::shared_ptr<CachedFile> file;
    {
        const std::lock_guard lock(found->node->mutex);
        file = found->node->file.lock();
    }
    if (file == nullptr)
        file = std::make_shared<CachedFile>(services_, found->node, found->path, *attributes);
    return fmt::format("{} {}", file->cached_bytes(), attributes->stx_size);
}

std::string FileSystem::mount_attribute() {
    fmt::memory_buffer text;
    const auto line = [&text](std::string_view key, const auto& value) {
        fmt::format_to(std::back_inserter(text), "{}={}\n", key, value);
    };
    line("source", source_.path());
    line("mode", options_.read_only ? "ro" : "rw");
    line("revalidate", options_.immutable ? "never" : fmt::to_string(options_.revalidate.count()));
    line("online", connection_ != nullptr && cachefiles_online(connection_) == 1 ? 1 : 0);
    line("passthrough", passthrough_ != nullptr && passthrough_->available() ? 1 : 0);
    line("files", nodes_.size());
    line("opens", statistics_.opens.load());
    line("passthrough_opens", statistics_.passthrough_opens.load());
    line("cached_bytes", statistics_.cached_bytes.load());
    line("source_bytes", statistics_.source_bytes.load());
    line("stored_bytes", statistics_.stored_bytes.load());
    line("unstored_bytes", statistics_.unstored_bytes.load());
    line("invalidations", statistics_.invalidations.load());
    line("source_errors", statistics_.source_errors.load());
    line("time_outs", statistics_.time_outs.load());
    return fmt::to_string(text);
}

} // namespace cachefiles::mount
