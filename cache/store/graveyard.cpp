// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/graveyard.hpp"

#include "cache/store/calls.hpp"

#include <fmt/format.h>

#include <stdio.h>

#include <cerrno>

namespace cachefiles::cache::store {

Graveyard::Graveyard(int directory, const Clock& clock) : directory_(directory), clock_(clock) {}

int Graveyard::bury(int from, const std::string& name) {
    struct stat status{};
    if (calls::look_at(from, name, status) != 0)
        return errno == ENOENT ? 0 : errno;
    if (!S_ISDIR(status.st_mode))
        return calls::unlink_file(from, name) == 0 || errno == ENOENT ? 0 : errno;
    for (;;) {
        const std::string grave =
            fmt::format("{:08x}{:08x}", static_cast<std::uint32_t>(clock_.now()), ++counter_);
        if (calls::rename_entry(from, name, directory_, grave, RENAME_NOREPLACE) == 0 ||
            errno == ENOENT)
            return 0;
        if (errno != EEXIST) // by an earlier process, in this second
            return errno;
    }
}

} // namespace cachefiles::cache::store
