// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/dry_run.hpp"

#include <algorithm>
#include <vector>

namespace cachefiles::cull {
namespace {

constexpr std::size_t page_size = 65'536;

} // namespace

DryRun::DryRun(index::Index& index, const RemovalRequest& request, Seconds now)
    : index_(index), request_(request) {
    if (request_.bytes == 0 && request_.objects == 0)
        used_before_ = request_.used_before;
    if (request_.min_age > 0)
        used_before_ = std::min(used_before_.value_or(INT64_MAX), now - request_.min_age);
}

bool DryRun::step() {
    index::OldestQuery query;
    query.limit = page_size;
    query.after = cursor_;
    if (request_.only != 0)
        query.only = request_.only;
    query.except = request_.except;
    query.unpinned = !request_.pinned_too;
    query.used_before = used_before_;
    query.names = false;
    const std::vector<index::Object> page = index_.oldest(query);
    for (const index::Object& object : page) {
        if (!takes(object))
            return false;
        ++objects_;
        bytes_ += object.attributes.bytes;
    }
    if (!page.empty())
        cursor_ = index::RecencyCursor::at(page.back());
    return page.size() == page_size;
}

bool DryRun::takes(const index::Object& object) const {
    const bool old = request_.used_before && object.attributes.last_use < *request_.used_before;
    return old || bytes_ < request_.bytes || objects_ < request_.objects;
}

} // namespace cachefiles::cull
