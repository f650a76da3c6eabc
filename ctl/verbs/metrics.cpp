// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/verbs.hpp"

namespace cachefiles::ctl {
namespace {

ExitStatus run_metrics(Context& context, const Arguments&) {
    if (!context.json()) {
        context.print(context.service().metrics());
        return ExitStatus::success;
    }
    const Snapshot snapshot = context.service().snapshot();
    Json result{{"caches", Json::array()}};
    for (const CacheValues& cache : chosen_caches(context, snapshot))
        result["caches"].push_back(
            Json{{"tag", cache.tag}, {"statistics", to_json(cache)["statistics"]}});
    context.print(to_line(result));
    return ExitStatus::success;
}

} // namespace

Verb metrics_verb() {
    return {"metrics", "",         0, 0, "counters and gauges, in Prometheus' text format",
            {},        run_metrics};
}

} // namespace cachefiles::ctl
