// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;
using Answer = Features::Answer;

constexpr std::string_view suitable = "put the cache on ext4, XFS or btrfs (cache.directory)";

void need(Findings& findings, Answer answer, std::string_view feature, std::string_view why) {
    if (answer == Answer::no)
        findings.push_back({Level::error, "file system",
                            fmt::format("it has no {}, which {}", feature, why),
                            std::string(suitable)});
}

std::string remedy_for(const Features& features, const daemon::Config& config) {
    switch (features.error) {
    case ENOENT:
        if (config.cache.directory == daemon::CacheSettings().directory)
            return "systemctl start cachefilesd, which makes it";
        return fmt::format("make it: mkdir -p {}", config.cache.directory.string());
    case ENOTDIR:
        return "correct cache.directory";
    case EACCES:
    case EPERM:
        return "run cachefilesctl doctor as root";
    case ENOSPC:
    case EDQUOT:
        return "make room on the file system: df, du";
    default:
        return "see why: dmesg (the disk?)";
    }
}

} // namespace

Findings check_features(const Features& features, const daemon::Config& config) {
    Findings findings;
    const bool kernel = config.daemon.backend == daemon::BackendKind::kernel;
    if (features.error != 0)
        return {
            {Level::warning, "file system",
             fmt::format("{} cannot be tried: {}", features.directory, errno_text(features.error)),
             remedy_for(features, config)}};
    if (features.read_only)
        return {}; // as its mount says
    need(findings, features.tmpfile, "O_TMPFILE", "every object begins as");
    need(findings, features.user_xattr, "user extended attributes",
         "say to whom an object belongs");
    if (kernel) {
        need(findings, features.direct_io, "O_DIRECT", "the driver reads and writes with");
        if (features.block_size > features.page_size)
            findings.push_back({Level::error, "file system",
                                fmt::format("its blocks of {} bytes are larger than a page ({})",
                                            features.block_size, features.page_size),
                                std::string(suitable)});
    }
    if (findings.empty()) {
        // What only drivers before 5.17 needed is told, not asked for.
        const auto word = [](Answer answer) {
            return answer == Answer::yes ? "yes" : answer == Answer::no ? "no" : "not tried";
        };
        findings.push_back(
            {Level::good, "file system",
             fmt::format("{} has what it takes (trusted attributes: {}, bmap: {})",
                         features.directory, word(features.trusted_xattr), word(features.bmap)),
             ""});
    }
    return findings;
}

} // namespace cachefiles::ctl::doctor
