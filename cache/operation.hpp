// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/cookie.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace cachefiles::cache {

/// What an operation needs of its cookie.
enum class Want {
    params, ///< to know what there is: no file while the object is being created
    read,
    write,
};

/// Reading or writing, from begin to end: holds an access of its cookie, so that the object is not
/// detached, and the file as it was (fscache-model.md section 5). The model's, under its lock.
struct Operation {
    explicit Operation(CookiePtr of)
        : cookie(std::move(of)), invalidations(cookie->invalidations) {}

    const CookiePtr cookie;
    const std::uint32_t invalidations; ///< the cookie's count when the operation was asked for
    std::shared_ptr<BackendFile> file; ///< null: none yet
    bool begun = false;                ///< holds an access
};

using OperationPtr = std::shared_ptr<Operation>;

} // namespace cachefiles::cache
