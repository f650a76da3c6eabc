// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/defaults.hpp"

#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <sstream>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

std::string unquoted(const std::string& text) {
    if (text.size() > 1 && (text.front() == '"' || text.front() == '\'') &&
        text.back() == text.front())
        return text.substr(1, text.size() - 2);
    return text;
}

/// Of NAME=VALUE, the last one; a comment does not begin with the name.
std::string assigned(const std::string& text, const std::string& name) {
    std::string value;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        line.erase(0, line.find_first_not_of(" \t"));
        if (line.starts_with(name + "="))
            value = unquoted(line.substr(name.size() + 1));
    }
    return value;
}

} // namespace

Defaults read_defaults(const Machine& machine, const std::optional<UnitFile>& unit) {
    Defaults defaults;
    const std::optional<std::string> text = machine.read(Defaults::file);
    if (!text)
        return defaults;
    defaults.there = true;
    defaults.options = assigned(*text, "DAEMON_OPTS");
    defaults.run = assigned(*text, "RUN");
    if (unit) {
        const std::vector<std::string> command = unit->words("ExecStart");
        defaults.counts = std::ranges::find(command, "$DAEMON_OPTS") != command.end();
    }
    return defaults;
}

std::expected<daemon::Options, std::string> options_of(const Defaults& defaults) {
    std::istringstream text(defaults.options); // systemd splits it in the same way
    std::vector<std::string> words{"cachefilesd"};
    std::copy(std::istream_iterator<std::string>(text), {}, std::back_inserter(words));
    std::vector<const char*> arguments;
    arguments.reserve(words.size());
    for (const std::string& word : words)
        arguments.push_back(word.c_str());
    std::expected<daemon::Options, daemon::CommandLineEnd> options =
        daemon::parse_options(static_cast<int>(arguments.size()), arguments.data());
    if (options)
        return *std::move(options);
    const std::string& why = options.error().text;
    return std::unexpected(why.substr(0, why.find('\n')));
}

daemon::LoadRequest request_of(const Machine& machine, const Defaults& defaults) {
    daemon::LoadRequest request;
    if (const auto options = options_of(defaults); defaults.counts && options)
        request = daemon::LoadRequest::from(*options);
    if (request.file)
        request.file = machine.at(*request.file);
    request.etc = machine.at("/etc");
    return request;
}

Findings check_defaults(const Defaults& defaults) {
    Findings findings;
    if (!defaults.run.empty() && defaults.run != "yes")
        findings.push_back(
            {Level::note, "defaults",
             fmt::format("RUN={} in {} has no effect: the service starts if it is enabled",
                         defaults.run, Defaults::file),
             "to have it not run: systemctl disable --now cachefilesd; else delete RUN="});
    if (defaults.options.empty())
        return findings;
    const std::string options =
        fmt::format("DAEMON_OPTS={} in {}", defaults.options, Defaults::file);
    if (!defaults.counts)
        findings.push_back({Level::note, "defaults",
                            options + " has no effect: the unit does not use it",
                            "say it in cachefilesd.yaml, or in ExecStart= of the unit"});
    else if (const auto understood = options_of(defaults); !understood)
        findings.push_back(
            {Level::error, "defaults",
             fmt::format("{}: the daemon does not start ({})", options, understood.error()),
             "correct it; see cachefilesd(8)"});
    else
        findings.push_back({Level::good, "defaults", options + " is in effect", ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
