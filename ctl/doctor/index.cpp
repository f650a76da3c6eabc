// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/units.hpp"
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

std::optional<std::uint64_t> size_of(const Machine& machine, const std::filesystem::path& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(machine.at(file), error);
    return error ? std::nullopt : std::optional<std::uint64_t>(size);
}

} // namespace

Findings check_index(const Machine& machine, const daemon::Config& config) {
    const std::filesystem::path& directory = config.index.directory;
    if (!machine.exists(directory))
        return {{Level::note, "index", fmt::format("{} is not there yet", directory.string()),
                 "nothing: the daemon makes it, and reads the cache once"}};
    Findings findings;
    const std::optional<Mount> mount = mount_of(machine, directory);
    if (mount && mount->has("ro"))
        findings.push_back(
            {Level::error, "index",
             fmt::format("{} is on a read-only mount: the index is in memory only, "
                         "and lost at the end",
                         directory.string()),
             fmt::format("mount -o remount,rw {}, or set index.directory", mount->point.string())});
    const std::string database = config.cache.tag + ".db";
    for (const std::string& name : machine.list(directory)) {
        if (name.starts_with(database + ".corrupt-"))
            findings.push_back(
                {Level::warning, "index",
                 fmt::format("{} was damaged, and moved aside", (directory / name).string()),
                 "see why (dmesg: the disk?); then delete it"});
    }
    const std::optional<std::uint64_t> size = size_of(machine, directory / database);
    if (findings.empty())
        findings.push_back(
            {Level::good, "index",
             size ? fmt::format("{}: {}", (directory / database).string(), format_bytes(*size))
                  : fmt::format("{} has none yet, or may not be read", directory.string()),
             ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
