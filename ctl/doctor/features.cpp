// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

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

} // namespace

Findings check_features(const Features& features, const daemon::Config& config) {
    Findings findings;
    const bool kernel = config.daemon.backend == daemon::BackendKind::kernel;
    if (!features.error.empty())
        return {{Level::warning, "file system",
                 fmt::format("{} cannot be tried: {}", features.directory, features.error),
                 features.block_size == 0 ? fmt::format("make it: mkdir -p {}", features.directory)
                                          : "run cachefilesctl doctor as root"}};
    if (features.read_only)
        findings.push_back({Level::error, "file system",
                            fmt::format("{} is mounted read-only", features.directory),
                            "see why (dmesg: an I/O error?), then: mount -o remount,rw"});
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
