// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/tally.hpp"

#include <fmt/format.h>

namespace cachefiles::campaign {

std::string Tally::text() const {
    return fmt::format("compared={} wrong={} expected={} lost_recent={} lost_settled={} "
                       "lost_modifying={}",
                       compared, wrong, expected, lost_recent, lost_settled, lost_modifying);
}

} // namespace cachefiles::campaign
