// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/store_volume.hpp"

#include "cache/store/object_lookup.hpp"
#include "protocol/xattr.hpp"

#include <cerrno>
#include <exception>

namespace cachefiles::cache::store {

Lookup StoreVolume::look_up(const CookieIdentity& cookie, const Coherency& wanted,
                            const std::function<void()>& negative) {
    if (!directory_)
        return {};
    StoreCounters& counters = *directory_->context().counters;
    try {
        Lookup lookup = ObjectLookup(directory_, cookie, wanted, negative).run();
        switch (lookup.result) {
        case Lookup::Result::found:
            ++counters.found;
            break;
        case Lookup::Result::created:
            ++counters.created;
            break;
        case Lookup::Result::failed:
            ++counters.failed;
            break;
        }
        return lookup;
    } catch (const std::exception&) { // no memory
        directory_->context().failed("an object cannot be cached", ENOMEM);
        ++counters.failed;
        return {};
    }
}

void StoreVolume::detach(const std::string& coherency) {
    if (!directory_)
        return;
    try {
        const int error =
            coherency.size() <= protocol::max_coherency_data ? directory_->note(coherency) : EINVAL;
        if (error != 0) // then the old data say what the directory is: stale at worst
            directory_->context().failed("cannot note a volume's coherency data", error);
    } catch (const std::exception&) {
        directory_->context().failed("cannot note a volume's coherency data", ENOMEM);
    }
    directory_.reset();
}

void StoreVolume::discard() {
    if (!directory_)
        return;
    try {
        if (const int error = directory_->discard())
            directory_->context().broken("cannot invalidate a volume", error);
    } catch (const std::exception&) {
        directory_->context().broken("cannot invalidate a volume", ENOMEM);
    }
    directory_.reset();
}

} // namespace cachefiles::cache::store
