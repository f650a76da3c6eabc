// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/configuration.hpp"
#include "ctl/context.hpp"
#include "ctl/doctor/checks.hpp"
#include "ctl/failure.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/doctor_view.hpp"
#include "ctl/view/verdict.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

using doctor::Finding;
using doctor::Findings;

/// What the daemon says of itself, if it runs.
Finding check_daemon(Context& context) {
    try {
        const Snapshot snapshot = context.service().snapshot();
        const Verdict verdict = judge(snapshot);
        if (verdict.level == Verdict::Level::ok)
            return {Finding::Level::good, "daemon",
                    fmt::format("cachefilesd {}: {}", snapshot.version, verdict.why), ""};
        return {verdict.level == Verdict::Level::trouble ? Finding::Level::error
                                                         : Finding::Level::warning,
                "daemon", verdict.why, verdict.next};
    } catch (const Failure& failure) {
        const std::string text = failure.what();
        const std::size_t remedy = text.find("; ");
        return {failure.status() == ExitStatus::not_permitted ? Finding::Level::note
                                                              : Finding::Level::error,
                "daemon", text.substr(0, remedy),
                remedy == std::string::npos ? "see journalctl -u cachefilesd"
                                            : text.substr(remedy + 2)};
    }
}

void add_findings(Findings& findings, Findings more) {
    std::ranges::move(more, std::back_inserter(findings));
}

ExitStatus run_doctor(Context& context, const Arguments&) {
    context.need_this_machine("doctor");
    const doctor::Machine machine(context.globals().root);
    const doctor::LoadResult loaded = load_configuration(machine.root(), "");
    // With errors in it, what the defaults need is looked at.
    const daemon::Config config = loaded ? loaded->config : daemon::Config();
    Findings findings;
    if (machine.root() == "/") // what runs is not that of another root
        findings.push_back(check_daemon(context));
    add_findings(findings, check_unit(machine));
    add_findings(findings, doctor::check_configuration(loaded));
    add_findings(findings, check_module(machine, config));
    add_findings(findings, check_device(machine, config));
    add_findings(findings, check_mount(machine, config));
    add_findings(findings,
                 check_features(doctor::probe(machine.at(config.cache.directory)), config));
    add_findings(findings, check_index(machine, config));
    add_findings(findings, check_clients(machine, config));
    add_findings(findings, check_security(machine, config));
    add_findings(findings, check_limits(machine, config));
    add_findings(findings, check_kernel(machine, config));
    context.print(context.json() ? to_line(doctor_json(findings))
                                 : doctor_view(findings, context.style()));
    return any_wrong(findings) ? ExitStatus::failure : ExitStatus::success;
}

} // namespace

Verb doctor_verb() {
    return {"doctor",  "", 0, 0, "look for what is wrong with the machine, and say the remedy", {},
            run_doctor};
}

} // namespace cachefiles::ctl
