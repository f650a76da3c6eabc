// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/direct_check.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "cache/store/alternative_name.hpp"
#include "cache/store/attribute.hpp"
#include "index/index.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/xattr.hpp"
#include "tests/campaign/history.hpp"
#include "tests/campaign/judge.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace cachefiles::campaign {
namespace {

namespace fs = std::filesystem;
namespace store = cachefiles::cache::store;

/// The database as it was left, opened in a directory of its own.
class Database final {
public:
    explicit Database(const fs::path& original) {
        std::string name = fs::temp_directory_path() / "campaign-index-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr)
            throw SystemError("mkdtemp " + name);
        directory_ = name;
        for (const char* part : {"", "-wal"}) {
            const fs::path from = original.string() + part;
            if (fs::exists(from))
                fs::copy_file(from, directory_ / from.filename());
        }
        index::IndexOptions options;
        options.path = directory_ / original.filename();
        options.reserve = 0;
        index_ = index::Index::open(options, clock_, log_);
    }
    ~Database() {
        index_.reset();
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    [[nodiscard]] index::Index& index() { return *index_; }

private:
    SystemClock clock_;
    NullLog log_;
    fs::path directory_;
    std::unique_ptr<index::Index> index_;
};

class Checker final {
public:
    Checker(index::Index& index, const std::vector<Source>& sources)
        : index_(index), sources_(sources) {}

    Tally run(const fs::path& cache);

private:
    void check_directory(index::DirectoryId directory, const fs::path& path);
    void check_object(const fs::path& path, index::DirectoryId directory);
    void check_block(int fd, const Source& source, std::uint32_t version, std::uint64_t block);

    index::Index& index_;
    const std::vector<Source>& sources_;
    Judge judge_;
    Tally tally_;
};

Tally Checker::run(const fs::path& cache) {
    for (const index::Volume& volume : index_.volumes()) {
        const std::optional<store::VolumeName> name = store::volume_name(volume.key);
        for (int fanout = 0; name && fanout < 256; ++fanout) {
            const index::DirectoryId directory{volume.id, static_cast<std::uint8_t>(fanout)};
            const fs::path path =
                cache / "cache" / name->name / protocol::format_fanout_name(directory.fanout);
            if (fs::is_directory(path))
                check_directory(directory, path);
        }
    }
    tally_.wrong = judge_.wrong_count();
    return tally_;
}

void Checker::check_directory(index::DirectoryId directory, const fs::path& path) {
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
        if (entry.is_regular_file())
            check_object(entry.path(), directory);
    }
}

/// Whether the file has data everywhere in the range.
bool has_data(int fd, std::uint64_t start, std::uint64_t end) {
    if (::lseek(fd, static_cast<off_t>(start), SEEK_DATA) != static_cast<off_t>(start))
        return false;
    return ::lseek(fd, static_cast<off_t>(start), SEEK_HOLE) >= static_cast<off_t>(end);
}

std::uint64_t blocks_of(std::uint64_t size) {
    return (size + block_size - 1) / block_size;
}

void Checker::check_object(const fs::path& path, index::DirectoryId directory) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
        throw SystemError("open " + path.string());
    const auto value = store::read_attribute(fd.get(), protocol::xattr_name);
    const std::optional<protocol::ObjectXattr> xattr =
        value && *value ? protocol::parse_object_xattr(**value) : std::nullopt;
    if (!xattr || xattr->content == protocol::Content::dirty)
        return;
    // Whose it is, its coherency data tell.
    const auto source = std::ranges::find_if(
        sources_, [&](const Source& one) { return one.version_of(xattr->aux).has_value(); });
    if (source == sources_.end())
        return;
    const std::uint32_t version = *source->version_of(xattr->aux);
    if (source->size(version) != xattr->object_size)
        return;
    const std::optional<index::Object> object = index_.find(directory, path.filename().string());
    if (xattr->zero_point == 0 || !object)
        return;
    for (const index::NumberedMap& map : index_.content_maps(object->id, xattr->zero_point)) {
        for (std::size_t bit = map.map.next(0, true); bit < index::ContentMap::blocks;
             bit = map.map.next(bit + 1, true)) {
            const std::uint64_t block = map.number * index::ContentMap::blocks + bit;
            if (block < blocks_of(xattr->object_size))
                check_block(fd.get(), *source, version, block);
        }
    }
}

void Checker::check_block(int fd, const Source& source, std::uint32_t version,
                          std::uint64_t block) {
    const std::uint64_t start = block * block_size;
    const std::uint64_t end = std::min(start + block_size, source.size(version));
    if (!has_data(fd, start, end))
        return;
    std::vector<std::byte> data(end - start);
    const ssize_t count = ::pread(fd, data.data(), data.size(), static_cast<off_t>(start));
    ++tally_.compared;
    if (count != static_cast<ssize_t>(data.size()))
        judge_.wrong(fmt::format("file {} version {}: {} of {} bytes at {}", source.number(),
                                 version, count, data.size(), start));
    else
        judge_.check(source, version, version, start, data, "on the disk");
}

} // namespace

Tally check_directly(const fs::path& cache, const fs::path& database,
                     const std::vector<Source>& sources) {
    Database copy(database);
    return Checker(copy.index(), sources).run(cache);
}

} // namespace cachefiles::campaign
