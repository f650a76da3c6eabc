// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/unit_file.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>

namespace cachefiles::ctl::doctor {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view service = "cachefilesd.service";

/// systemd.unit(5): what is found in an earlier one hides what is in a later one.
constexpr std::array<std::string_view, 5> places{"/etc/systemd/system", "/run/systemd/system",
                                                 "/usr/local/lib/systemd/system",
                                                 "/usr/lib/systemd/system", "/lib/systemd/system"};

/// By name, which is the order in which they are read.
std::map<std::string, fs::path> drop_ins(const Machine& machine) {
    std::map<std::string, fs::path> found;
    for (const std::string_view place : places) {
        const fs::path directory = fs::path(place) / (std::string(service) + ".d");
        for (const std::string& name : machine.list(directory)) {
            if (name.ends_with(".conf"))
                found.emplace(name, directory / name);
        }
    }
    return found;
}

/// A backslash at the end of a line joins it with the next.
std::string joined(std::string text) {
    for (std::size_t at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n", at))
        text.replace(at, 2, " ");
    return text;
}

} // namespace

std::optional<fs::path> unit_file(const Machine& machine) {
    for (const std::string_view place : places) {
        if (machine.exists(fs::path(place) / service))
            return fs::path(place) / service;
    }
    return std::nullopt;
}

std::optional<UnitFile> UnitFile::of(const Machine& machine) {
    const std::optional<fs::path> file = unit_file(machine);
    if (!file || machine.link(*file) == "/dev/null")
        return std::nullopt;
    UnitFile unit;
    unit.take(machine.read(*file).value_or(""));
    for (const auto& [name, path] : drop_ins(machine))
        unit.take(machine.read(path).value_or(""));
    return unit;
}

void UnitFile::take(const std::string& text) {
    std::istringstream lines(joined(text));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos || equals == 0 || line.starts_with('#') ||
            line.starts_with(';'))
            continue;
        const std::string setting = line.substr(0, line.find_last_not_of(" \t", equals - 1) + 1);
        std::vector<std::string>& words = settings_[setting];
        std::istringstream value(line.substr(equals + 1));
        const std::size_t before = words.size();
        std::copy(std::istream_iterator<std::string>(value), {}, std::back_inserter(words));
        if (words.size() == before)
            words.clear();
    }
}

std::vector<std::string> UnitFile::words(std::string_view setting) const {
    const auto found = settings_.find(setting);
    return found == settings_.end() ? std::vector<std::string>() : found->second;
}

std::string UnitFile::value(std::string_view setting) const {
    const std::vector<std::string> all = words(setting);
    return all.empty() ? "" : all.back();
}

} // namespace cachefiles::ctl::doctor
