// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/file_io.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace cachefiles::cache {
namespace {

constexpr std::uint64_t largest = std::uint64_t{1} << 62; // what the index has numbers for

/// All of it, or up to the end of the file.
std::expected<std::size_t, int> read_bytes(int fd, std::uint64_t start,
                                           std::span<std::byte> buffer) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t got =
            pread(fd, buffer.data() + done, buffer.size() - done, static_cast<off_t>(start + done));
        if (got < 0 && errno != EINTR)
            return std::unexpected(errno);
        if (got == 0)
            break;
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return done;
}

std::expected<std::uint64_t, int> size_of(int fd) {
    struct stat status{};
    if (fstat(fd, &status) != 0)
        return std::unexpected(errno);
    return static_cast<std::uint64_t>(status.st_size);
}

void zero(std::span<std::byte> buffer) {
    std::ranges::fill(buffer, std::byte{0});
}

/// What is present is read, up to the end of the file; what is not is zero.
std::expected<std::size_t, int> read_present(BackendFile& file, std::uint64_t start,
                                             std::span<std::byte> buffer, HoleMode holes) {
    const Content& content = file.content();
    std::optional<Content::Range> data = content.first_data({start, buffer.size()});
    if (!data && holes == HoleMode::fail)
        return std::unexpected(ENODATA);
    if (!data) {
        zero(buffer);
        return buffer.size();
    }
    const std::expected<std::uint64_t, int> end = size_of(file.descriptor());
    if (!end)
        return std::unexpected(end.error());
    std::size_t done = 0;
    while (data) {
        const std::uint64_t gap = data->start - (start + done);
        zero(buffer.subspan(done, gap));
        done += gap;
        const std::expected<std::size_t, int> got =
            read_bytes(file.descriptor(), data->start, buffer.subspan(done, data->length));
        if (!got)
            return got;
        done += *got;
        if (*got < data->length)
            return done;
        data = content.first_data({start + done, buffer.size() - done});
    }
    const std::uint64_t limit =
        *end > start ? std::min<std::uint64_t>(buffer.size(), *end - start) : 0;
    if (limit > done)
        zero(buffer.subspan(done, limit - done));
    return std::max<std::size_t>(done, limit);
}

std::expected<Content::Range, int> range_of_fill(Content& content, const Content::Range& wanted) {
    if (const std::optional<Content::Range> absent = content.claim_absent(wanted))
        return *absent;
    if (content.ended())
        return std::unexpected(ESTALE);
    return std::unexpected(wanted.start >= content.object_size() ? EINVAL : EEXIST);
}

} // namespace

std::expected<std::size_t, int> read(BackendFile& file, std::uint64_t start,
                                     std::span<std::byte> buffer, HoleMode holes) {
    const std::expected<std::size_t, int> done = holes == HoleMode::ignore
                                                     ? read_bytes(file.descriptor(), start, buffer)
                                                     : read_present(file, start, buffer, holes);
    if (file.content().ended())
        return std::unexpected(ESTALE);
    return done;
}

std::expected<WriteGrant, int> prepare_write(const std::shared_ptr<BackendFile>& file,
                                             WritePurpose purpose, std::uint64_t start,
                                             std::uint64_t length) {
    if (length == 0 || start >= largest || length > largest - start)
        return std::unexpected(EINVAL);
    Content& content = file->content();
    WriteGrant grant{start, length, file, nullptr};
    std::uint64_t bytes = 0;
    if (purpose == WritePurpose::fill) {
        const std::expected<Content::Range, int> range = range_of_fill(content, {start, length});
        if (!range)
            return std::unexpected(range.error());
        grant.start = range->start;
        grant.length = bytes = range->length;
    } else if (content.ended()) {
        return std::unexpected(ESTALE);
    } else {
        bytes = content.claim({start, length});
    }
    if (bytes == 0) // overwriting needs no room
        return grant;
    std::expected<std::unique_ptr<SpaceHold>, int> space = file->hold_space(bytes);
    if (!space)
        return std::unexpected(space.error());
    grant.space = *std::move(space);
    return grant;
}

int commit_write(WriteGrant grant, std::uint64_t start, std::uint64_t length) {
    if (start < grant.start || start - grant.start > grant.length ||
        length > grant.length - (start - grant.start))
        return EINVAL;
    const std::optional<Content::Blocks> filled = grant.file->content().written({start, length});
    if (!filled)
        return ESTALE;
    if (filled->count > 0)
        grant.file->commit_later(filled->first, filled->count);
    return 0;
}

} // namespace cachefiles::cache
