// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

/// How culling comes back.
std::string unwanted(const daemon::Origin& origin) {
    if (origin.source == "option -N")
        return fmt::format("take -N out of DAEMON_OPTS in {}", Defaults::file);
    return fmt::format("take it out of {}, or set culling.enabled: true", origin.text());
}

} // namespace

Findings check_configuration(const LoadResult& loaded) {
    Findings findings;
    if (!loaded) {
        for (const daemon::Diagnostic& each : loaded.error())
            findings.push_back({Level::error, "configuration", each.to_string(),
                                "correct it; see cachefilesd.yaml(5); then: cachefilesctl config "
                                "check"});
        return findings;
    }
    for (const daemon::Diagnostic& each : loaded->notices)
        findings.push_back(
            {Level::note, "configuration", each.to_string(), "remove what has no effect"});
    if (!loaded->config.culling.enabled)
        findings.push_back({Level::warning, "configuration",
                            "nothing is culled (culling.enabled: false): a full disk stays full",
                            unwanted(loaded->origins.of("culling.enabled"))});
    findings.push_back({Level::good, "configuration",
                        loaded->files.empty()
                            ? "there is no file, and the defaults hold"
                            : fmt::format("no errors in {} file{}", loaded->files.size(),
                                          loaded->files.size() == 1 ? "" : "s"),
                        ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
