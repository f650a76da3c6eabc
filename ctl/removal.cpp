// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/removal.hpp"

#include "base/units.hpp"
#include "ctl/confirmation.hpp"
#include "ctl/job_watch.hpp"
#include "ctl/json.hpp"
#include "ctl/text/figures.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {

std::string removal_view(const JobValues& job, bool dry_run) {
    const bool canceled = job.state == "canceled";
    std::string text = fmt::format("{}{} {} object{}, {}", canceled ? "Canceled: " : "",
                                   dry_run ? "Would remove" : "Removed", format_count(job.objects),
                                   job.objects == 1 ? "" : "s", format_bytes(job.bytes));
    if (canceled)
        text += " until then";
    if (job.busy > 0)
        text += fmt::format("; {} in use stay", format_count(job.busy));
    return text + ".\n";
}

ExitStatus remove_objects(Context& context, const Arguments& arguments, const std::string& question,
                          const std::function<std::string()>& begin) {
    const bool dry_run = arguments.has("dry-run");
    confirm(context, dry_run || arguments.has("yes"), question);
    if (arguments.has("no-wait")) {
        begin_job(context, begin);
        return ExitStatus::success;
    }
    const JobValues job = watch_job(context, begin);
    if (context.json()) {
        Json result = to_json(job);
        result["dry_run"] = dry_run;
        context.print(to_line(result));
    } else {
        context.say(removal_view(job, dry_run));
    }
    return job.state == "canceled" ? ExitStatus::failure : ExitStatus::success;
}

} // namespace cachefiles::ctl
