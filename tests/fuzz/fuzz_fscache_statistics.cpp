// SPDX-License-Identifier: GPL-2.0-or-later
// The input is /proc/fs/fscache/stats.
#include "protocol/fscache_statistics.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

using namespace cachefiles::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<FscacheStatistic> found = parse_fscache_statistics(as_text(data, size));
    std::string text;
    for (const FscacheStatistic& statistic : found) {
        require(!statistic.section.empty() && !statistic.name.empty());
        text += statistic.section + " : " + statistic.name + '=' + std::to_string(statistic.value) +
                '\n';
    }
    require(parse_fscache_statistics(text) == found);
    return 0;
}
