// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

bool has_module(const std::string& list, std::string_view name) {
    return ("," + list + ",").find("," + std::string(name) + ",") != std::string::npos;
}

} // namespace

Findings check_security(const Machine& machine, const daemon::Config& config) {
    Findings findings;
    const std::string active = machine.line("/sys/kernel/security/lsm");
    const bool selinux = has_module(active, "selinux") || machine.exists("/sys/fs/selinux/enforce");
    if (config.daemon.backend == daemon::BackendKind::kernel && config.cache.security_context &&
        !selinux && !has_module(active, "smack"))
        findings.push_back({Level::error, "security",
                            "cache.security-context is set, and neither SELinux nor Smack is there "
                            "to know it: the cache cannot be bound",
                            "remove cache.security-context (secctx)"});
    if (selinux && machine.line("/sys/fs/selinux/enforce") == "1" &&
        config.cache.directory != "/var/cache/fscache")
        findings.push_back(
            {Level::note, "security",
             fmt::format("SELinux is enforcing, and {} is not where its policy expects a cache",
                         config.cache.directory.string()),
             fmt::format("semanage fcontext -a -e /var/cache/fscache {0} && restorecon -R {0}",
                         config.cache.directory.string())});
    const std::string profiles =
        machine.read("/sys/kernel/security/apparmor/profiles").value_or("");
    if (profiles.find("cachefilesd (enforce)") != std::string::npos)
        findings.push_back({Level::note, "security", "AppArmor confines cachefilesd",
                            "see what it denies: journalctl -k --grep apparmor"});
    if (findings.empty())
        findings.push_back(
            {Level::good, "security",
             fmt::format("nothing in the way ({})", active.empty() ? "no list of modules" : active),
             ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
