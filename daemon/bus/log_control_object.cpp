// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/log_control_object.hpp"

#include "daemon/bus/errors.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/names.hpp"

#include <array>
#include <string_view>

namespace cachefiles::daemon::bus {
namespace {

struct Level {
    std::string_view name;
    Severity severity;
};

// The names of syslog(3). The first of a severity is what it is called; nothing here is worse
// than an error.
constexpr std::array levels{
    Level{"err", Severity::error},     Level{"warning", Severity::warning},
    Level{"notice", Severity::notice}, Level{"info", Severity::info},
    Level{"debug", Severity::debug},   Level{"emerg", Severity::error},
    Level{"alert", Severity::error},   Level{"crit", Severity::error},
};

std::string name_of(Severity severity) {
    for (const Level& level : levels) {
        if (level.severity == severity)
            return std::string(level.name);
    }
    return "info";
}

Severity severity_of(const std::string& name) {
    for (const Level& level : levels) {
        if (level.name == name)
            return level.severity;
    }
    throw invalid_arguments("LogLevel: " + name +
                            " is none; there are debug, info, notice, "
                            "warning, err, crit, alert and emerg");
}

} // namespace

LogControlObject::LogControlObject(Context& context)
    : BusObject(context.connection, log_control_path, log_control_interface) {
    const Parts& parts = context.parts;
    Interface(object(), interface(), parts.log)
        .writable(
            "LogLevel", [&parts] { return name_of(parts.log_level()); },
            [&parts](const std::string& name) { parts.set_log_level(severity_of(name)); })
        .property("LogTarget", Changes::silent, [&parts] { return parts.log_target; })
        .property("SyslogIdentifier", Changes::silent, [] { return std::string("cachefilesd"); });
    object().finishRegistration();
}

} // namespace cachefiles::daemon::bus
