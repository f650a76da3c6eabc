// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/service.hpp"

namespace cachefiles::ctl {

std::string Event::text(std::string_view value) const {
    for (const auto& [key, content] : values) {
        if (key != value)
            continue;
        if (const auto* const flag = std::get_if<bool>(&content))
            return *flag ? "true" : "false";
        if (const auto* const number = std::get_if<std::uint64_t>(&content))
            return std::to_string(*number);
        return std::get<std::string>(content);
    }
    return {};
}

} // namespace cachefiles::ctl
