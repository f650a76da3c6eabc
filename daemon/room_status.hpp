// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/culler.hpp"
#include "daemon/cull_thread.hpp"
#include "daemon/make_room.hpp"
#include "index/object.hpp"

#include <string>

namespace cachefiles::daemon {

/// The part of a backend's summary() that both have: online or not, what is cached, what is free,
/// and whether room is being made.
[[nodiscard]] std::string summary_text(const CullThread::Status& cache,
                                       const MakeRoom::Status& room, const index::Totals& totals);

/// The part of details() that both have.
[[nodiscard]] std::string details_text(const CullThread::Status& cache,
                                       const MakeRoom::Status& room, const index::Totals& totals,
                                       const cull::CullCounters& counters,
                                       const ReapThread::Counters& reaped);

} // namespace cachefiles::daemon
