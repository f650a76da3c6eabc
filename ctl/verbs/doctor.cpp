// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/doctor/checks.hpp"
#include "ctl/failure.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/doctor_view.hpp"
#include "ctl/view/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace cachefiles::ctl {
namespace {

using doctor::Finding;
using doctor::Findings;

Finding to_finding(const Snapshot& snapshot) {
    const Verdict verdict = judge(snapshot);
    if (verdict.level == Verdict::Level::ok)
        return {Finding::Level::good, "daemon",
                fmt::format("cachefilesd {}: {}", snapshot.version, verdict.why), ""};
    return {verdict.level == Verdict::Level::trouble ? Finding::Level::error
                                                     : Finding::Level::warning,
            "daemon", verdict.why, verdict.next};
}

Finding to_finding(const Failure& failure) {
    const std::string text = failure.what();
    const std::size_t remedy = text.find("; ");
    return {failure.status() == ExitStatus::not_permitted ? Finding::Level::note
                                                          : Finding::Level::error,
            "daemon", text.substr(0, remedy),
            remedy == std::string::npos ? "see journalctl -u cachefilesd"
                                        : text.substr(remedy + 2)};
}

/// What the daemon says of itself; nothing if it does not run.
std::optional<Snapshot> ask_daemon(Context& context, Findings& findings) {
    try {
        Snapshot snapshot = context.service().snapshot();
        findings.push_back(to_finding(snapshot));
        return snapshot;
    } catch (const Failure& failure) {
        findings.push_back(to_finding(failure));
        return std::nullopt;
    }
}

void add_findings(Findings& findings, Findings more) {
    std::ranges::move(more, std::back_inserter(findings));
}

ExitStatus run_doctor(Context& context, const Arguments&) {
    context.need_this_machine("doctor");
    const doctor::Machine machine(context.globals().root);
    Findings findings;
    std::optional<Snapshot> snapshot;
    if (machine.root() == "/") // what runs is not that of another root
        snapshot = ask_daemon(context, findings);
    add_findings(findings, check_unit(machine));
    const std::optional<doctor::UnitFile> unit = doctor::UnitFile::of(machine);
    const doctor::Defaults defaults = read_defaults(machine, unit);
    add_findings(findings, check_defaults(defaults));
    const doctor::LoadResult loaded = daemon::load(request_of(machine, defaults));
    add_findings(findings, doctor::check_configuration(loaded));
    // With errors in it, what the defaults need is looked at.
    daemon::Config config = loaded ? loaded->config : daemon::Config();
    if (snapshot)
        add_findings(findings, doctor::check_running(*snapshot, config));
    add_findings(findings, doctor::check_sandbox(unit, config));
    add_findings(findings, check_module(machine, config));
    add_findings(findings, check_device(machine, config));
    if (doctor::has_cache(config)) {
        add_findings(findings, check_mount(machine, config));
        add_findings(findings,
                     check_features(doctor::probe(machine.at(config.cache.directory)), config));
        add_findings(findings, check_index(machine, config));
    }
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
