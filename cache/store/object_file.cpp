// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/object_file.hpp"

#include "cache/store/alternative_name.hpp"
#include "cache/store/calls.hpp"
#include "protocol/xattr.hpp"

#include <sys/random.h>

#include <cerrno>
#include <random>

namespace cachefiles::cache::store {

bool is_storable(const Coherency& coherency) {
    return coherency.aux.size() <= protocol::max_coherency_data &&
           coherency.object_size <= largest_object;
}

index::ContentId new_content_id() {
    index::ContentId id = 0;
    while (id == 0) {
        if (getrandom(&id, sizeof id, 0) != sizeof id)
            id = (std::uint64_t{std::random_device()()} << 32) | std::random_device()();
    }
    return id;
}

void ObjectFile::commit_later(std::uint64_t first_block, std::uint64_t count) {
    if (services_.commits)
        services_.commits->add(shared_from_this(), {first_block, count});
}

void ObjectFile::begin_sync(const Content::Blocks& blocks) {
    calls::begin_flush(fd_.get(), blocks.first * Content::block_size,
                       blocks.count * Content::block_size);
}

void ObjectFile::note_use() {
    const index::ObjectId object = object_.load();
    if (services_.recency && object.value() != 0)
        services_.recency->used(object);
}

int ObjectFile::sync() {
    return calls::flush_data(fd_.get()) == 0 ? 0 : errno;
}

/// The kernel may have dropped what it could not write: readers must not find it.
void ObjectFile::sync_failed() {
    bad_.store(true);
    content_.end();
}

bool ObjectFile::close() {
    return services_.commits && services_.commits->withdraw(*this);
}

std::expected<std::shared_ptr<ObjectFile>, int>
make_object_file(int directory, std::uint64_t object_size, const std::optional<std::string>& key,
                 ObjectFile::Services services) {
    Fd fd = calls::open_tmpfile(directory);
    if (!fd)
        return std::unexpected(errno);
    const std::uint64_t size = file_size_for(object_size);
    if (size > 0 && calls::set_size(fd.get(), size) != 0)
        return std::unexpected(errno);
    if (key && calls::set_xattr(fd.get(), key_xattr, *key) != 0)
        return std::unexpected(errno);
    return std::make_shared<ObjectFile>(
        std::move(fd), object_size, services.commits ? new_content_id() : 0, std::move(services));
}

int adjust_size(int fd, std::uint64_t object_size) {
    struct stat status{};
    if (fstat(fd, &status) != 0)
        return errno;
    const std::uint64_t wanted = file_size_for(object_size);
    const std::uint64_t present = static_cast<std::uint64_t>(status.st_size);
    if (present == wanted)
        return 0;
    // A client that lent it may have cut off what is behind the object's end, and that is zeros.
    if (wanted > present && present % file_unit != 0 && present != object_size &&
        calls::cut(fd, present - present % file_unit) != 0)
        return errno;
    return calls::set_size(fd, wanted) == 0 ? 0 : errno;
}

int write_coherency(int fd, const Coherency& coherency, bool dirty, index::ContentId content_id) {
    protocol::ObjectXattr xattr;
    xattr.object_size = coherency.object_size;
    xattr.zero_point = content_id;
    xattr.content = dirty ? protocol::Content::dirty : protocol::Content::no_data;
    xattr.aux = coherency.aux;
    const std::string value = protocol::format_object_xattr(xattr);
    return calls::set_xattr(fd, protocol::xattr_name, value) == 0 ? 0 : errno;
}

int make_invalid(int fd) {
    const int error = write_coherency(fd, {}, true, 0);
    const bool marked = error == 0 || calls::remove_xattr(fd, protocol::xattr_name) == 0 ||
                        errno == ENODATA || calls::cut(fd, 0) == 0;
    if (!marked)
        return error;
    return calls::flush_all(fd) == 0 ? 0 : errno;
}

} // namespace cachefiles::cache::store
