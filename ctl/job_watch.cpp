// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/job_watch.hpp"

#include "base/units.hpp"
#include "ctl/failure.hpp"
#include "ctl/interrupts.hpp"
#include "ctl/json.hpp"
#include "ctl/progress_line.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

/// What has no signal (the result so far) is looked at so often.
constexpr std::chrono::milliseconds look_interval{500};

} // namespace

std::string progress_view(const JobValues& job, const Style& style) {
    const double fraction = job.progress / 10000.0;
    const unsigned room = style.width > 60 ? 30 : 10;
    return clip(fmt::format("{} {:>4}  {} objects, {}", bar(fraction, room, style),
                            format_share(fraction), format_count(job.objects),
                            format_bytes(job.bytes)),
                style.width - 1, style);
}

JobValues watch_job(Context& context, const std::function<std::string()>& begin) {
    Service& service = context.service();
    service.listen([](const Event&) {}); // before it begins, lest its end be missed
    Interrupts interrupts{SIGINT, SIGTERM};
    const std::string path = begin();
    ProgressLine line(context);
    bool cancelling = false;
    for (;;) {
        const std::optional<JobValues> job = service.job(path);
        if (!job)
            throw Failure(ExitStatus::failure, "the job is gone, and its result with it");
        if (job->state == "failed")
            throw Failure(ExitStatus::failure,
                          fmt::format("{}: {}", job->kind, visible(job->message)));
        if (job->ended())
            return *job;
        if (line.shown())
            line.draw(progress_view(*job, context.style()));
        service.wait(interrupts.fd(), look_interval);
        if (!interrupts.take())
            continue;
        if (cancelling)
            throw Failure(ExitStatus::failure,
                          fmt::format("not waiting any longer: job {} is still there; see "
                                      "cachefilesctl status",
                                      job->number()));
        service.cancel(path);
        cancelling = true;
    }
}

void begin_job(Context& context, const std::function<std::string()>& begin) {
    JobValues job;
    job.path = begin();
    if (context.json())
        context.print(to_line(Json{{"job", job.number()}}));
    else
        context.say(fmt::format("Job {} has begun; see cachefilesctl status.\n", job.number()));
}

} // namespace cachefiles::ctl
