// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/manager_object.hpp"

#include "base/bytes_text.hpp"
#include "daemon/bus/ask.hpp"
#include "daemon/bus/errors.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/names.hpp"
#include "daemon/bus/text.hpp"

namespace cachefiles::daemon::bus {

ManagerObject::ManagerObject(Context& context)
    : BusObject(context.connection, manager_path, manager_interface), context_(context) {
    describe();
    object().addObjectManager();
    object().finishRegistration();
}

void ManagerObject::describe() {
    const Parts& parts = context_.parts;
    Context& context = context_;
    const auto reload = [&context](Call& call) {
        context.authority.check(call, Action::reload, [&context](Call& allowed) {
            const std::expected<void, std::string> reloaded = context.parts.reload();
            if (!reloaded)
                throw config_rejected(reloaded.error());
            if (context.parts.administration == nullptr) {
                allowed.reply();
                return;
            }
            ask_for_change(context, allowed, [&](auto answer) {
                context.parts.administration->look_anew(std::move(answer));
            });
        });
    };
    Interface(object(), interface(), parts.log)
        .method("Reload", {}, {}, reload)
        .method("GetMetrics", {}, {{"text", "s"}},
                [&parts](Call& call) {
                    if (parts.administration == nullptr)
                        throw failed("another daemon has the cache, and its metrics");
                    call.reply(utf8_text(parts.administration->metrics()));
                })
        .signal("JobRemoved", {{"job", "o"}, {"result", "s"}, {"message", "s"}})
        .signal("IndexRebuilt", {{"cache", "o"}})
        .property("Version", Changes::never, [&parts] { return parts.version; })
        .property("Backend", Changes::never, [&parts] { return parts.backend; });
}

void ManagerObject::job_removed(const admin::JobReport& job) {
    emit("JobRemoved", sdbus::ObjectPath(job_path(job.id)), to_string(job.state),
         utf8_text(job.message));
}

void ManagerObject::index_rebuilt() {
    emit("IndexRebuilt", sdbus::ObjectPath(cache_path(context_.report->tag)));
}

} // namespace cachefiles::daemon::bus
