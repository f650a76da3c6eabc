// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/horizon.hpp"

#include "cull/saturating.hpp"

namespace cachefiles::cull {

std::optional<Seconds> find_horizon(index::Index& index, index::OldestQuery query,
                                    std::uint64_t bytes, std::uint64_t objects, Seconds latest,
                                    const std::function<bool()>& go_on) {
    query.names = false;
    while (go_on()) {
        const std::vector<index::Object> page = index.oldest(query);
        if (page.empty())
            return INT64_MAX;
        for (const index::Object& object : page) {
            if (object.attributes.last_use >= latest)
                return latest;
            if (bytes == 0 && objects == 0) // by those before, unless it is of the same second
                return object.attributes.last_use;
            bytes = saturating::subtract(bytes, object.attributes.bytes);
            objects = saturating::subtract(objects, 1);
        }
        query.after = index::RecencyCursor::at(page.back());
    }
    return std::nullopt;
}

} // namespace cachefiles::cull
