// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/config.hpp"

namespace cachefiles::daemon {

index::IndexOptions index_options(const Config& config) {
    index::IndexOptions options;
    options.path = config.index.directory / (config.cache.tag + ".db");
    options.page_cache = config.index.page_cache;
    options.reserve = config.index.reserve;
    options.commit_interval = config.index.commit_interval;
    options.touch_granularity = config.index.touch_granularity;
    return options;
}

} // namespace cachefiles::daemon
