// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/job_object.hpp"

#include "base/bytes_text.hpp"
#include "daemon/bus/errors.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/names.hpp"
#include "daemon/bus/text.hpp"

#include <utility>

namespace cachefiles::daemon::bus {

JobObject::JobObject(Context& context, admin::JobReport job)
    : BusObject(context.connection, job_path(job.id), job_interface), context_(context),
      job_(std::move(job)) {
    describe();
    object().finishRegistration();
}

void JobObject::describe() {
    // The job may be gone when the caller turns out to be allowed: only its number is kept.
    const auto cancel = [&context = context_, id = job_.id](Call& call) {
        context.authority.check(call, Action::cull, [&context, id](Call& allowed) {
            const std::expected<void, admin::Refusal> canceled =
                context.parts.administration->cancel(id);
            if (!canceled)
                throw to_error(canceled.error());
            allowed.reply();
        });
    };
    Interface(object(), interface(), context_.parts.log)
        .method("Cancel", {}, {}, cancel)
        .property("Kind", Changes::never, [this] { return to_string(job_.kind); })
        .property("Cache", Changes::never,
                  [this] { return sdbus::ObjectPath(cache_path(context_.report->tag)); })
        .property("State", Changes::signalled, [this] { return to_string(job_.state); })
        .property("Progress", Changes::signalled, [this] { return std::uint32_t{job_.progress}; })
        .property("Result", Changes::silent, [this] { return result_of(job_); })
        .property("Message", Changes::signalled, [this] { return utf8_text(job_.message); });
}

void JobObject::update(const admin::JobReport& job) {
    using Report = admin::JobReport;
    const Report before = std::exchange(job_, job);
    changed(Differences(before, job_)
                .compare("State", [](const Report& report) { return report.state; })
                .compare("Progress", [](const Report& report) { return report.progress; })
                .compare("Message", [](const Report& report) { return report.message; })
                .names());
}

} // namespace cachefiles::daemon::bus
