// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/volumes_view.hpp"

#include <fmt/format.h>

#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array volumes_options{
    Option{"sort", "KEY", "by size, objects, used or name"},
};

VolumeOrder read_order(const Arguments& arguments) {
    const std::string text = arguments.text("sort").value_or("size");
    if (text == "size")
        return VolumeOrder::size;
    if (text == "objects")
        return VolumeOrder::objects;
    if (text == "used")
        return VolumeOrder::used;
    if (text == "name")
        return VolumeOrder::name;
    throw Failure(
        ExitStatus::usage,
        fmt::format("--sort: \"{}\" is none of size, objects, used, name", visible(text)));
}

ExitStatus run_volumes(Context& context, const Arguments& arguments) {
    const VolumeOrder order = read_order(arguments);
    const Snapshot snapshot = context.service().snapshot();
    std::vector<VolumeValues> volumes;
    for (const CacheValues& cache : chosen_caches(context, snapshot)) {
        for (const VolumeValues& volume : snapshot.volumes) {
            if (volume.cache == cache.path)
                volumes.push_back(volume);
        }
    }
    volumes = sorted(std::move(volumes), order);
    if (context.json()) {
        Json result{{"volumes", Json::array()}};
        for (const VolumeValues& volume : volumes)
            result["volumes"].push_back(to_json(volume, snapshot));
        context.print(to_line(result));
    } else if (volumes.empty()) {
        context.say("There are no volumes: nothing is cached yet.\n");
    } else {
        context.print(volumes_view(volumes, snapshot.time, 0, context.style()));
    }
    return ExitStatus::success;
}

} // namespace

Verb volumes_verb() {
    return {"volumes",       "",         0, 0, "what network file systems keep apart, by size",
            volumes_options, run_volumes};
}

} // namespace cachefiles::ctl
