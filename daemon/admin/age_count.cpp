// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/age_count.hpp"

#include <utility>

namespace cachefiles::daemon::admin {
namespace {

constexpr std::size_t page_size = 65'536;

} // namespace

AgeCount::AgeCount(index::Index& index, const std::vector<Seconds>& bounds, Seconds now)
    : index_(index), ages_(bounds.size() + 1), at_(bounds.size()) {
    for (const Seconds bound : bounds)
        since_.push_back(now - bound);
}

bool AgeCount::step() {
    index::OldestQuery query;
    query.limit = page_size;
    query.after = cursor_;
    query.in_use = true;
    query.names = false;
    const std::vector<index::Object> page = index_.oldest(query);
    for (const index::Object& object : page)
        count(object);
    if (!page.empty())
        cursor_ = index::RecencyCursor::at(page.back());
    return page.size() == page_size;
}

/// The oldest come first, so the place moves one way only.
void AgeCount::count(const index::Object& object) {
    const bool in_use = object.attributes.state == index::ObjectState::in_use;
    while (at_ > 0 && (in_use || object.attributes.last_use >= since_[at_ - 1]))
        --at_;
    ++ages_[at_].objects;
    ages_[at_].bytes += object.attributes.bytes;
}

} // namespace cachefiles::daemon::admin
