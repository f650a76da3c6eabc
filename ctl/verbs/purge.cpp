// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/units.hpp"
#include "ctl/failure.hpp"
#include "ctl/removal.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array purge_options{
    Option{"all", "", "every volume that is not pinned"},
    Option{"dry-run", "", "remove nothing, say what would be"},
    Option{"yes", "", "do not ask", 'y'},
    Option{"no-wait", "", "do not wait for the end of the job"},
};

ExitStatus run_purge(Context& context, const Arguments& arguments) {
    const std::string key = arguments.operand(0);
    if (key.empty() != arguments.has("all"))
        throw Failure(ExitStatus::usage, "purge: what: give a volume, or --all");
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    std::string question;
    if (key.empty()) {
        question =
            fmt::format("Remove all that nobody uses from {} ({} in {} objects)?",
                        visible(cache.tag), format_bytes(cache.bytes), format_count(cache.objects));
    } else {
        const VolumeValues& volume = find_volume(snapshot, cache, key);
        question = fmt::format("Remove all that nobody uses from the {}volume {} ({} in {} "
                               "objects)?",
                               volume.pinned ? "pinned " : "", visible(key),
                               format_bytes(volume.bytes), format_count(volume.objects));
    }
    const bool dry_run = arguments.has("dry-run");
    return remove_objects(context, arguments, question,
                          [&] { return service.purge(cache.path, key, dry_run); });
}

} // namespace

Verb purge_verb() {
    return {"purge", "[VOLUME]", 0, 1, "empty a volume, or the cache", purge_options, run_purge};
}

} // namespace cachefiles::ctl
