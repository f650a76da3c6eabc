// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/eviction.hpp"

#include "cache/store/calls.hpp"

#include <cerrno>
#include <optional>

namespace cachefiles::cache::driver {
namespace {

Outcome of_lookup(int error) {
    if (error == ENOENT || error == ENOMEM)
        return {error, false, 0};
    return {EIO, error == EIO, error};
}

Outcome of_unlink(int error) {
    if (error == ENOENT)
        return {ESTALE, false, 0};
    if (error == ENOMEM)
        return {ENOMEM, false, 0};
    return {EIO, error == EIO, error};
}

/// The driver gives a cache up whose graveyard does not work.
Outcome of_burial(int error) {
    if (error == ENOMEM)
        return {error, false, 0};
    return {EIO, true, error};
}

} // namespace

Outcome ask(store::Store& store, const Place& place, const std::string& name) {
    struct stat status{};
    if (store::calls::look_at(place.directory.get(), name, status) != 0)
        return of_lookup(errno);
    const std::optional<std::string> claim = place.claim_of(name);
    const bool busy = place.is_part(name) || (claim && store.in_use().busy(*claim));
    return {busy ? EBUSY : 0, false, 0};
}

Outcome evict(store::Store& store, const Place& place, const std::string& name,
              const std::function<void()>& gone) {
    struct stat status{};
    if (store::calls::look_at(place.directory.get(), name, status) != 0)
        return of_lookup(errno);
    if (place.is_part(name))
        return {EBUSY, false, 0};
    std::optional<store::InUse::Claim> held;
    if (const std::optional<std::string> claim = place.claim_of(name)) {
        held = store.in_use().claim_to_remove(*claim);
        if (!held)
            return {EBUSY, false, 0};
        // Nobody has it now, but somebody may have replaced it since it was looked at.
        if (store::calls::look_at(place.directory.get(), name, status) != 0)
            return of_unlink(errno);
    }
    if (S_ISDIR(status.st_mode)) {
        if (const int error = store.graveyard().bury(place.directory.get(), name))
            return of_burial(error);
    } else if (store::calls::unlink_file(place.directory.get(), name) != 0) {
        return of_unlink(errno);
    }
    gone();
    return {};
}

} // namespace cachefiles::cache::driver
