// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/origin.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {

std::string Origin::text() const {
    return at.line == 0 ? source : fmt::format("{}:{}", source, at.line);
}

const Origin& Origins::of(std::string_view path) const {
    static const Origin by_default;
    const auto found = values.find(path);
    return found == values.end() ? by_default : found->second;
}

} // namespace cachefiles::daemon
