// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/context.hpp"

#include <functional>
#include <string>

namespace cachefiles::ctl {

/// Begins a job and waits for its end, with a bar if stderr is a terminal. The first Ctrl-C cancels
/// the job, a second one leaves it alone. The result is done or canceled; a job that failed, or
/// that is left, is a Failure.
[[nodiscard]] JobValues watch_job(Context& context, const std::function<std::string()>& begin);

/// The same without waiting: says that it has begun.
void begin_job(Context& context, const std::function<std::string()>& begin);

/// "[#####-----]  45%  1,200 objects, 3.4 GiB"
[[nodiscard]] std::string progress_view(const JobValues& job, const Style& style);

} // namespace cachefiles::ctl
