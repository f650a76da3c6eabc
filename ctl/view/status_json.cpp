// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/status_json.hpp"

#include "ctl/view/fullness.hpp"
#include "ctl/view/verdict.hpp"

namespace cachefiles::ctl {

Json status_json(const Snapshot& snapshot) {
    const Verdict verdict = judge(snapshot);
    Json result{{"verdict", to_string(verdict.level)},
                {"why", verdict.why},
                {"next", verdict.next},
                {"time_usec", snapshot.time},
                {"version", snapshot.version},
                {"backend", snapshot.backend},
                {"caches", Json::array()},
                {"volumes", Json::array()},
                {"jobs", Json::array()}};
    for (const CacheValues& cache : snapshot.caches) {
        Json each = to_json(cache);
        each["fullness"] = Json::array();
        for (const Fullness& limit : fullness(cache))
            each["fullness"].push_back(Json{{"limit", limit.limit},
                                            {"fraction", limit.fraction},
                                            {"used", limit.used},
                                            {"most", limit.most}});
        result["caches"].push_back(std::move(each));
    }
    for (const VolumeValues& volume : snapshot.volumes)
        result["volumes"].push_back(to_json(volume, snapshot));
    for (const JobValues& job : snapshot.jobs)
        result["jobs"].push_back(to_json(job, snapshot));
    return result;
}

} // namespace cachefiles::ctl
