// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/cache_object.hpp"

#include "base/bytes_text.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/names.hpp"
#include "daemon/bus/text.hpp"

namespace cachefiles::daemon::bus {
namespace {

std::string text_of(cull::Reason reason) {
    return std::string(cull::to_string(reason));
}

} // namespace

CacheObject::CacheObject(Context& context)
    : BusObject(context.connection, cache_path(context.report->tag), cache_interface),
      context_(context) {
    describe_jobs();
    describe_changes();
    describe_questions();
    describe_signals();
    describe_state();
    describe_amounts();
    object().finishRegistration();
}

void CacheObject::describe_signals() {
    Interface(object(), interface(), context_.parts.log)
        .signal("CullingStarted", {{"reason", "s"}})
        .signal("CullingFinished", {{"reason", "s"}, {"objects", "t"}, {"bytes", "t"}})
        .signal("CullingStalled", {{"reason", "s"}})
        .signal("Lost", {{"why", "s"}})
        .signal("Recovered", {});
}

void CacheObject::describe_state() {
    // The context's report changes: it is looked at anew in each call.
    const auto report = [this]() -> const admin::CacheReport& {
        return *context_.report;
    };
    Interface(object(), interface(), context_.parts.log)
        .property("Tag", Changes::never, [=] { return utf8_text(report().tag); })
        .property("Directory", Changes::never, [=] { return utf8_text(report().directory); })
        .property("State", Changes::signalled, [=] { return to_string(report().state); })
        .property("Culling", Changes::signalled, [=] { return report().culling; })
        .property("Stalled", Changes::signalled, [=] { return report().stalled; })
        .property("Paused", Changes::signalled, [=] { return report().paused; })
        .property("Reason", Changes::signalled, [=] { return text_of(report().reason); })
        .property("InStep", Changes::signalled, [=] { return report().in_step; })
        .property("Losses", Changes::signalled, [=] { return report().losses; })
        .property("Limits", Changes::signalled, [=] { return to_dictionary(report().limits); });
}

void CacheObject::describe_amounts() {
    const auto report = [this]() -> const admin::CacheReport& {
        return *context_.report;
    };
    Interface(object(), interface(), context_.parts.log)
        .property("Objects", Changes::silent, [=] { return report().totals.objects; })
        .property("Bytes", Changes::silent, [=] { return report().totals.bytes; })
        .property("ObjectsInUse", Changes::silent, [=] { return report().totals.in_use; })
        .property("OldestUseUSec", Changes::silent,
                  [=] { return to_usec(report().oldest_use.value_or(0)); })
        .property("SpaceBytes", Changes::silent,
                  [=] { return report().space.blocks * report().space.block_size; })
        .property("FreeBytes", Changes::silent,
                  [=] { return report().space.free_blocks * report().space.block_size; })
        .property("SpaceFiles", Changes::silent, [=] { return report().space.files; })
        .property("FreeFiles", Changes::silent, [=] { return report().space.free_files; })
        .property("Statistics", Changes::silent, [=] { return report().statistics; });
}

void CacheObject::tell_changes(const admin::CacheReport& before) {
    using Report = admin::CacheReport;
    // Rules for volumes are among the limits, but not among what Limits shows.
    const auto limits = [](const Report& report) {
        cull::Limits shown = report.limits;
        shown.volumes.clear();
        return shown;
    };
    changed(Differences(before, *context_.report)
                .compare("State", [](const Report& report) { return report.state; })
                .compare("Culling", [](const Report& report) { return report.culling; })
                .compare("Stalled", [](const Report& report) { return report.stalled; })
                .compare("Paused", [](const Report& report) { return report.paused; })
                .compare("Reason", [](const Report& report) { return report.reason; })
                .compare("InStep", [](const Report& report) { return report.in_step; })
                .compare("Losses", [](const Report& report) { return report.losses; })
                .compare("Limits", limits)
                .names());
}

void CacheObject::tell(const admin::Event& event) {
    using Kind = admin::Event::Kind;
    switch (event.kind) {
    case Kind::culling_started:
        emit("CullingStarted", text_of(event.reason));
        return;
    case Kind::culling_finished:
        emit("CullingFinished", text_of(event.reason), event.objects, event.bytes);
        return;
    case Kind::culling_stalled:
        emit("CullingStalled", text_of(event.reason));
        return;
    case Kind::lost:
        emit("Lost", utf8_text(event.text));
        return;
    case Kind::recovered:
        emit("Recovered");
        return;
    case Kind::index_rebuilt:
    case Kind::job_changed:
    case Kind::job_removed:
        return; // others' business
    }
}

} // namespace cachefiles::daemon::bus
