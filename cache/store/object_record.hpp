// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/store/object_file.hpp"
#include "cache/store/volume_directory.hpp"
#include "index/index.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cachefiles::cache::store {

/// What the index knows of one object: kept in step with its name and its file. Without an index
/// nothing happens. One thread at a time, which has the object claimed.
class ObjectRecord final {
public:
    ObjectRecord(std::shared_ptr<VolumeDirectory> volume, std::uint8_t fanout, std::string name);

    /// At lookup: it is used. `file` gets its content: what the index says and the file has; or of
    /// a file that the driver made what the file has. 0, or the errno of a failing disk.
    [[nodiscard]] int load(ObjectFile& file, const Coherency& stored);
    /// The file has got its name.
    void linked(ObjectFile& file);
    /// Nothing is under the name any more.
    void removed();
    /// Its blocks are on the disk.
    void store_maps(ObjectFile& file);
    /// At detach, of one that stays.
    void let_go(const ObjectFile& file);

private:
    [[nodiscard]] index::Index* index() const { return volume_->context().index; }
    [[nodiscard]] Seconds now() const { return volume_->context().clock.now(); }
    void find(const ObjectFile& file);
    void changed() const;
    /// The file gets an id of its own, and the index its blocks.
    [[nodiscard]] int identify(ObjectFile& file, const Coherency& stored);

    std::shared_ptr<VolumeDirectory> volume_;
    std::uint8_t fanout_;
    std::string name_;
    std::optional<index::Object> known_; ///< as the index had it when it was asked last
};

} // namespace cachefiles::cache::store
