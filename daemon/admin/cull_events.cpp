// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/cull_events.hpp"

namespace cachefiles::daemon::admin {

Event event_of(const cull::CullEvent& event) {
    using Kind = cull::CullEvent::Kind;
    const Event::Kind kind = event.kind == Kind::started   ? Event::Kind::culling_started
                             : event.kind == Kind::stalled ? Event::Kind::culling_stalled
                                                           : Event::Kind::culling_finished;
    return {.kind = kind,
            .reason = event.reason,
            .objects = event.objects,
            .bytes = event.bytes,
            .text = {}};
}

Event event_of(bool online, const std::string& why) {
    return {.kind = online ? Event::Kind::recovered : Event::Kind::lost, .text = why};
}

} // namespace cachefiles::daemon::admin
