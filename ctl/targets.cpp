// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/targets.hpp"

#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

std::string tags(const Snapshot& snapshot) {
    std::string text;
    for (const CacheValues& cache : snapshot.caches)
        text += fmt::format("{}{}", text.empty() ? "" : ", ", visible(cache.tag));
    return text.empty() ? "none" : text;
}

/// The first key that has it in itself.
std::string similar(const Snapshot& snapshot, const CacheValues& cache, const std::string& key) {
    for (const VolumeValues& volume : snapshot.volumes) {
        if (volume.cache == cache.path && !key.empty() && volume.key.find(key) != std::string::npos)
            return fmt::format("; did you mean \"{}\"?", visible(volume.key));
    }
    return "; see cachefilesctl volumes";
}

} // namespace

std::vector<CacheValues> chosen_caches(const Context& context, const Snapshot& snapshot) {
    const std::string& tag = context.globals().cache;
    if (tag.empty())
        return snapshot.caches;
    for (const CacheValues& cache : snapshot.caches) {
        if (cache.tag == tag)
            return {cache};
    }
    throw Failure(ExitStatus::failure,
                  fmt::format("--cache {}: there is no such cache; there is: {}", visible(tag),
                              tags(snapshot)));
}

const CacheValues& chosen_cache(const Context& context, const Snapshot& snapshot) {
    const std::string& tag = context.globals().cache;
    if (snapshot.caches.empty())
        throw Failure(ExitStatus::failure,
                      "no cache: the daemon has none online; see cachefilesctl status");
    if (tag.empty() && snapshot.caches.size() > 1)
        throw Failure(ExitStatus::usage, fmt::format("which cache: there are several; choose one "
                                                     "with --cache: {}",
                                                     tags(snapshot)));
    for (const CacheValues& cache : snapshot.caches) {
        if (tag.empty() || cache.tag == tag)
            return cache;
    }
    throw Failure(ExitStatus::failure,
                  fmt::format("--cache {}: there is no such cache; there is: {}", visible(tag),
                              tags(snapshot)));
}

const VolumeValues& find_volume(const Snapshot& snapshot, const CacheValues& cache,
                                const std::string& key) {
    for (const VolumeValues& volume : snapshot.volumes) {
        if (volume.cache == cache.path && volume.key == key)
            return volume;
    }
    throw Failure(ExitStatus::failure, fmt::format("\"{}\": there is no such volume{}",
                                                   visible(key), similar(snapshot, cache, key)));
}

} // namespace cachefiles::ctl
