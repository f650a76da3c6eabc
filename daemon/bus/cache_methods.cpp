// SPDX-License-Identifier: GPL-2.0-or-later
// What a cache does on request: jobs and changes.
#include "daemon/bus/ask.hpp"
#include "daemon/bus/cache_object.hpp"
#include "daemon/bus/errors.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/names.hpp"
#include "daemon/bus/options.hpp"

#include <fcntl.h>

namespace cachefiles::daemon::bus {
namespace {

std::optional<Seconds> seconds(std::optional<std::uint64_t> usec) {
    if (!usec)
        return std::nullopt;
    return from_usec(*usec);
}

admin::CullRequest read_cull(Call& call) {
    Options options(call.read<Dictionary>());
    admin::CullRequest request;
    request.bytes = options.number("bytes");
    request.objects = options.number("files");
    request.older_than = seconds(options.number("older-than-usec"));
    if (const std::optional<std::string> volume = options.text("volume")) {
        request.volume = volume_key(*volume);
        if (!request.volume)
            throw invalid_arguments("option volume: it is empty");
    }
    request.dry_run = options.flag("dry-run");
    options.end();
    if (!request.bytes && !request.objects && !request.older_than)
        throw invalid_arguments("one of the options bytes, files and older-than-usec is needed");
    return request;
}

admin::PurgeRequest read_purge(Call& call) {
    admin::PurgeRequest request;
    request.volume = volume_key(call.read<std::string>());
    Options options(call.read<Dictionary>());
    request.dry_run = options.flag("dry-run");
    options.end();
    return request;
}

admin::LimitChange read_limits(Call& call) {
    Options options(call.read<Dictionary>());
    admin::LimitChange change;
    change.max_size = options.number("max-size");
    change.max_files = options.number("max-files");
    change.min_free = options.number("min-free");
    change.max_age = seconds(options.number("max-age-usec"));
    change.min_age = seconds(options.number("min-age-usec"));
    change.persistent = options.flag("persistent");
    options.end();
    if (!change.max_size && !change.max_files && !change.min_free && !change.max_age &&
        !change.min_age)
        throw invalid_arguments("no limit is named");
    return change;
}

Fd read_output(Call& call) {
    Fd output(call.read<sdbus::UnixFd>().release());
    const int flags = fcntl(output.get(), F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH) != 0)
        throw invalid_arguments("output: it is not open for writing");
    return output;
}

} // namespace

void CacheObject::describe_jobs() {
    Context& context = context_;
    admin::Administration& administration = *context.parts.administration;
    Interface(object(), interface(), context.parts.log)
        .method("Cull", {{"options", "a{sv}"}}, {{"job", "o"}},
                [&](Call& call) {
                    const admin::CullRequest request = read_cull(call);
                    context.authority.check(call, Action::cull, [&, request](Call& allowed) {
                        ask_for_job(context, allowed, [&](auto answer) {
                            administration.cull(request, std::move(answer));
                        });
                    });
                })
        .method("Purge", {{"volume", "s"}, {"options", "a{sv}"}}, {{"job", "o"}},
                [&](Call& call) {
                    const admin::PurgeRequest request = read_purge(call);
                    context.authority.check(call, Action::cull, [&, request](Call& allowed) {
                        ask_for_job(context, allowed, [&](auto answer) {
                            administration.purge(request, std::move(answer));
                        });
                    });
                })
        .method("Verify", {}, {{"job", "o"}},
                [&](Call& call) {
                    context.authority.check(call, Action::manage, [&](Call& allowed) {
                        const std::expected<admin::JobId, admin::Refusal> job =
                            administration.verify();
                        if (!job)
                            throw to_error(job.error());
                        context.refresh();
                        allowed.reply(sdbus::ObjectPath(job_path(*job)));
                    });
                })
        .method("DumpObjects", {{"volume", "s"}, {"output", "h"}}, {{"job", "o"}}, [&](Call& call) {
            const std::optional<std::string> volume = volume_key(call.read<std::string>());
            const auto output = std::make_shared<Fd>(read_output(call));
            context.authority.check(call, Action::inspect, [=, &context](Call& allowed) {
                ask_for_job(context, allowed, [&](auto answer) {
                    context.parts.administration->dump(volume, std::move(*output),
                                                       std::move(answer));
                });
            });
        });
}

void CacheObject::describe_changes() {
    Context& context = context_;
    admin::Administration& administration = *context.parts.administration;
    const auto pause = [&](bool paused) {
        return [&context, paused](Call& call) {
            context.authority.check(call, Action::manage, [&context, paused](Call& allowed) {
                ask_for_change(context, allowed, [&](auto answer) {
                    context.parts.administration->pause(paused, std::move(answer));
                });
            });
        };
    };
    Interface(object(), interface(), context.parts.log)
        .method("Pause", {}, {}, pause(true))
        .method("Resume", {}, {}, pause(false))
        .method("SetLimits", {{"limits", "a{sv}"}}, {}, [&](Call& call) {
            const admin::LimitChange change = read_limits(call);
            context.authority.check(call, Action::manage, [&, change](Call& allowed) {
                ask_for_change(context, allowed, [&](auto answer) {
                    administration.set_limits(change, std::move(answer));
                });
            });
        });
}

} // namespace cachefiles::daemon::bus
