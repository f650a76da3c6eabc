// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/reaper.hpp"

#include "base/directory_reader.hpp"
#include "base/error.hpp"
#include "base/message_ids.hpp"
#include "base/open_beneath.hpp"
#include "cull/reaper_run.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cachefiles::cull {
namespace {

/// A description of our own: the position of the borrowed one is its owner's.
Fd open_again(int directory) {
    return open_beneath(directory, ".", O_RDONLY | O_DIRECTORY);
}

} // namespace

Reaper::Reaper(int graveyard, Log& log) : graveyard_(graveyard), log_(log) {
    if (!open_again(graveyard))
        throw SystemError("cannot open the graveyard");
}

Reaper::Report Reaper::run(const std::function<bool()>& go_on) {
    Report report;
    std::string failure;
    if (Fd graveyard = open_again(graveyard_)) {
        ReaperRun run(std::move(graveyard), go_on, deleted_bytes_, next_number_);
        run.run();
        next_number_ = run.next_number();
        report = run.report();
        failure = run.first_failure();
    } else {
        failure = "the graveyard itself: " + errno_text(errno);
        report.failed = 1;
    }
    if (report.failed > reported_) {
        log_.write(Severity::warning, message_id::graveyard_stuck,
                   fmt::format("{} entries of the graveyard cannot be deleted, the first is {}",
                               report.failed, failure),
                   {{"CACHEFILES_FAILED", fmt::to_string(report.failed)}});
    }
    // A run that was stopped did not see everything.
    reported_ = report.stopped ? std::max(reported_, report.failed) : report.failed;
    return report;
}

bool Reaper::empty() const {
    Fd graveyard = open_again(graveyard_);
    return !graveyard || !DirectoryReader(graveyard.get()).next();
}

} // namespace cachefiles::cull
