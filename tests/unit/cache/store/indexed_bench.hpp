// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/file_io.hpp"
#include "cache/store/alternative_name.hpp"
#include "index/test_hooks.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/xattr.hpp"
#include "tests/unit/cache/store/store_bench.hpp"
#include "tests/unit/index/index_faults.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::tests {

inline constexpr std::uint64_t block = cache::Content::block_size;

/// A store with an index; nothing is committed unless the test does it.
class IndexedBench final {
public:
    IndexedBench() {
        options_.path = directory_.path() / "index.db";
        options_.page_cache = 4 << 20;
        options_.reserve = 0;
        options_.hooks = std::make_shared<index::TestHooks>(
            index::TestHooks{.fault = faults.hook(), .sync = false});
        open_index();
        store.reopen();
    }

    /// As after an orderly end, or with `index_too` as after one in which the index was closed.
    void reopen(bool index_too = false) {
        volume.reset();
        store.close();
        if (index_too)
            open_index();
        store.reopen();
        volume = store.attach();
        REQUIRE(volume);
    }

    cache::Lookup look_up(const std::string& key, const cache::Coherency& wanted) {
        if (!volume)
            volume = store.attach();
        REQUIRE(volume);
        return store.look_up(*volume, key, wanted);
    }
    std::unique_ptr<cache::BackendObject> take(const std::string& key,
                                               const cache::Coherency& wanted, bool found = true) {
        cache::Lookup lookup = look_up(key, wanted);
        CHECK((lookup.result == cache::Lookup::Result::found) == found);
        REQUIRE(lookup.object);
        return std::move(lookup.object);
    }
    /// An object with these blocks, filled with that byte.
    void make(const std::string& key, const cache::Coherency& coherency, std::uint64_t first,
              std::uint64_t count, char with);

    [[nodiscard]] static std::string name_of(const std::string& key) {
        const cache::store::ObjectNames names = cache::store::object_names(key);
        return names.drivers ? *names.drivers : *names.alternative;
    }
    [[nodiscard]] static std::uint8_t fanout_of(const std::string& key) {
        return protocol::fanout_of(
            protocol::cookie_hash(protocol::volume_hash(StoreBench::volume_key), key));
    }
    [[nodiscard]] std::filesystem::path path(const std::string& key) const {
        return store.path(protocol::format_fanout_name(fanout_of(key)), name_of(key));
    }
    [[nodiscard]] std::optional<protocol::ObjectXattr> attribute(const std::string& key) const {
        std::array<char, 512> value{};
        const ssize_t length =
            getxattr(path(key).c_str(), protocol::xattr_name, value.data(), value.size());
        if (length < 0)
            return std::nullopt;
        return protocol::parse_object_xattr({value.data(), static_cast<std::size_t>(length)});
    }
    [[nodiscard]] index::ContentId content_id(const std::string& key) const {
        const std::optional<protocol::ObjectXattr> found = attribute(key);
        return found ? found->zero_point : 0;
    }
    [[nodiscard]] std::optional<index::Object> row(const std::string& key) const {
        for (const index::Volume& known : index->volumes()) {
            if (known.key == StoreBench::volume_key)
                return index->find({known.id, fanout_of(key)}, name_of(key));
        }
        return std::nullopt;
    }
    /// What the index says of the file that is there: "0-2,5" are blocks of the first GiB.
    [[nodiscard]] std::string indexed(const std::string& key) const;

    IndexFaults faults;
    StoreBench store;
    std::unique_ptr<index::Index> index;
    std::unique_ptr<cache::BackendVolume> volume;

private:
    void open_index() {
        index.reset();
        index = index::Index::open(options_, store.clock, store.log);
        store.index = index.get();
    }

    TemporaryDirectory directory_;
    index::IndexOptions options_;
};

/// The blocks of the map, as ranges.
[[nodiscard]] inline std::string text_of(const index::ContentMap& map) {
    std::string text;
    for (std::size_t first = map.next(0, true); first < index::ContentMap::blocks;) {
        const std::size_t behind = map.next(first, false);
        text += (text.empty() ? "" : ",") + std::to_string(first);
        if (behind > first + 1)
            text += "-" + std::to_string(behind - 1);
        first = map.next(behind, true);
    }
    return text;
}
[[nodiscard]] inline std::string present(const cache::BackendObject& object) {
    return text_of(object.file()->content().map(0));
}

/// As a client does it: granted, written, committed.
inline void fill(const cache::BackendObject& object, std::uint64_t start, std::uint64_t length,
                 char with) {
    std::expected<cache::WriteGrant, int> grant =
        cache::prepare_write(object.file(), cache::WritePurpose::modify, start, length);
    REQUIRE(grant);
    const std::string bytes(length, with);
    REQUIRE(pwrite(grant->file->descriptor(), bytes.data(), length, static_cast<off_t>(start)) ==
            static_cast<ssize_t>(length));
    REQUIRE(cache::commit_write(*std::move(grant), start, length) == 0);
}
[[nodiscard]] inline char byte_at(const cache::BackendObject& object, std::uint64_t at) {
    char byte = '?';
    REQUIRE(pread(object.file()->descriptor(), &byte, 1, static_cast<off_t>(at)) == 1);
    return byte;
}

inline void IndexedBench::make(const std::string& key, const cache::Coherency& coherency,
                               std::uint64_t first, std::uint64_t count, char with) {
    const auto object = take(key, coherency, false);
    fill(*object, first * block, std::min(count * block, coherency.object_size - first * block),
         with);
    object->detach(cache::Ending::commit, coherency);
}

inline std::string IndexedBench::indexed(const std::string& key) const {
    const std::optional<index::Object> known = row(key);
    return known ? text_of(index->content_map(known->id, 0, content_id(key))) : "no row";
}

} // namespace cachefiles::tests
