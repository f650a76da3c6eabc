// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/backend.hpp"
#include "cache/store/alternative_name.hpp"
#include "cache/store/store_object.hpp"
#include "cache/store/volume_directory.hpp"
#include "index/map_update.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cachefiles::cache::store {

/// One lookup of one cookie (fscache-model.md section 4). Used once, by one thread.
class ObjectLookup final {
public:
    /// The references are borrowed for run().
    ObjectLookup(std::shared_ptr<VolumeDirectory> volume, const CookieIdentity& cookie,
                 const Coherency& wanted, const std::function<void()>& negative);

    [[nodiscard]] Lookup run();

private:
    enum class Finding {
        absent,
        valid,
        stale,   ///< or such that the driver would refuse it: it is replaced
        foreign, ///< of another key of the same name
        failed,  ///< errno
    };

    [[nodiscard]] bool claim(const std::string& name);
    /// Decides under which of the names the object is, and looks there.
    [[nodiscard]] Finding find();
    [[nodiscard]] Finding find_ambiguous();
    [[nodiscard]] Finding examine(const std::string& name);
    [[nodiscard]] Finding examine_file();
    [[nodiscard]] Finding examine_key();
    void take_up();
    [[nodiscard]] Lookup found();
    [[nodiscard]] Lookup create(bool covered);
    [[nodiscard]] Lookup failure(int error);

    [[nodiscard]] Context& context() const { return place_.volume->context(); }

    const CookieIdentity& cookie_;
    const Coherency& wanted_;
    const std::function<void()>& negative_;
    const ObjectNames names_;
    StoreObject::Place place_;
    Fd directory_;
    Fd file_; ///< of what was examined last
    index::ContentId content_id_ = 0;
};

} // namespace cachefiles::cache::store
