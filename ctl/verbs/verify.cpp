// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/job_watch.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array verify_options{
    Option{"no-wait", "", "do not wait for the end of the job"},
};

ExitStatus run_verify(Context& context, const Arguments& arguments) {
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    const auto begin = [&] {
        return service.verify(cache.path);
    };
    if (arguments.has("no-wait")) {
        begin_job(context, begin);
        return ExitStatus::success;
    }
    const JobValues job = watch_job(context, begin);
    if (context.json()) {
        context.print(to_line(to_json(job)));
    } else {
        for (const std::string& finding : job.findings)
            context.print(visible(finding) + "\n");
        context.say(fmt::format(
            "{} {} objects: {}.\n", job.state == "canceled" ? "Canceled after" : "Compared",
            format_count(job.objects),
            job.findings.empty() ? "the index and the cache agree"
                                 : fmt::format("{} findings", job.findings.size())));
    }
    return job.state == "done" && job.findings.empty() ? ExitStatus::success : ExitStatus::failure;
}

} // namespace

Verb verify_verb() {
    return {"verify",       "",        0, 0, "compare the index with the cache, and repair it",
            verify_options, run_verify};
}

} // namespace cachefiles::ctl
