// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/machine.hpp"

#include "base/mount_text.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace cachefiles::ctl::doctor {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_of_a_file = 8 << 20;
constexpr std::size_t at_a_time = 64 << 10;

bool is_process(const std::string& name) {
    return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

} // namespace

fs::path Machine::at(const fs::path& path) const {
    return root_ / path.relative_path();
}

bool Machine::exists(const fs::path& path) const {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(at(path), ignored));
}

std::optional<std::string> Machine::read(const fs::path& path) const {
    std::ifstream file(at(path), std::ios::binary);
    if (!file)
        return std::nullopt;
    std::string text;
    while (file && text.size() < most_of_a_file) {
        const std::size_t before = text.size();
        text.resize(before + at_a_time);
        file.read(text.data() + before, at_a_time);
        text.resize(before + static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad())
        return std::nullopt;
    return text;
}

std::string Machine::line(const fs::path& path) const {
    const std::string text = read(path).value_or("");
    const std::string first = text.substr(0, text.find('\n'));
    return first.substr(0, first.find_last_not_of(" \t\r") + 1);
}

std::vector<std::string> Machine::list(const fs::path& directory) const {
    std::vector<std::string> names;
    std::error_code error;
    fs::directory_iterator entry(at(directory), error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    return names;
}

std::string Machine::link(const fs::path& path) const {
    std::error_code error;
    const fs::path target = fs::read_symlink(at(path), error);
    return error ? std::string() : target.string();
}

std::vector<Process> holders_of(const Machine& machine, const fs::path& file) {
    // A descriptor outlives the mounts of the process that opened it, as a service's that the
    // manager keeps over a restart: its path begins at the file system then.
    const std::string detached = "/" + file.filename().string();
    std::vector<Process> found;
    for (const std::string& id : machine.list("/proc")) {
        if (!is_process(id))
            continue;
        const fs::path descriptors = fs::path("/proc") / id / "fd";
        for (const std::string& descriptor : machine.list(descriptors)) {
            const std::string link = machine.link(descriptors / descriptor);
            if (link == file.string() || link == detached) {
                found.push_back({id, machine.line(fs::path("/proc") / id / "comm")});
                break;
            }
        }
    }
    return found;
}

std::vector<Process> processes_named(const Machine& machine, const std::string& name) {
    std::vector<Process> found;
    for (const std::string& id : machine.list("/proc")) {
        if (is_process(id) && machine.line(fs::path("/proc") / id / "comm") == name)
            found.push_back({id, name});
    }
    return found;
}

bool Mount::has(std::string_view option) const {
    const std::string all = "," + options + ",";
    return all.find("," + std::string(option) + ",") != std::string::npos;
}

bool is_below(const fs::path& path, const fs::path& directory) {
    const auto [left, right] =
        std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
    return left == directory.end() || (std::next(left) == directory.end() && left->empty());
}

std::vector<Mount> mounts(const Machine& machine) {
    std::vector<Mount> found;
    std::istringstream text(machine.read("/proc/self/mountinfo").value_or(""));
    for (std::string line; std::getline(text, line);) {
        std::istringstream words(line);
        std::string id, parent, device, root, point, options, word, type, source, of_system;
        words >> id >> parent >> device >> root >> point >> options;
        while (words >> word && word != "-") // optional fields
            ;
        words >> type >> source >> of_system;
        options.append(",").append(of_system);
        found.push_back({mount_text(point), type, options});
    }
    return found;
}

std::optional<Mount> mount_of(const Machine& machine, const fs::path& path) {
    std::optional<Mount> nearest;
    for (Mount& mount : mounts(machine)) { // of the same point, the last one hides the others
        if (is_below(path, mount.point) &&
            (!nearest || mount.point.native().size() >= nearest->point.native().size()))
            nearest = std::move(mount);
    }
    return nearest;
}

} // namespace cachefiles::ctl::doctor
