// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/verb.hpp"

#include <span>
#include <string_view>

namespace cachefiles::ctl {

/// All of them, in the order of the help. The first one is what is done without a verb.
[[nodiscard]] std::span<const Verb> verbs();
[[nodiscard]] const Verb* find_verb(std::string_view name);

/// What every verb takes.
[[nodiscard]] std::span<const Option> global_options();

// One for each file of verbs/.
[[nodiscard]] Verb status_verb();
[[nodiscard]] Verb top_verb();
[[nodiscard]] Verb volumes_verb();
[[nodiscard]] Verb objects_verb();
[[nodiscard]] Verb show_verb();
[[nodiscard]] Verb ages_verb();
[[nodiscard]] Verb cull_verb();
[[nodiscard]] Verb purge_verb();
[[nodiscard]] Verb pin_verb();
[[nodiscard]] Verb unpin_verb();
[[nodiscard]] Verb limits_verb();
[[nodiscard]] Verb pause_verb();
[[nodiscard]] Verb resume_verb();
[[nodiscard]] Verb reload_verb();
[[nodiscard]] Verb verify_verb();
[[nodiscard]] Verb doctor_verb();
[[nodiscard]] Verb config_verb();
[[nodiscard]] Verb monitor_verb();
[[nodiscard]] Verb metrics_verb();
[[nodiscard]] Verb log_level_verb();
[[nodiscard]] Verb cached_verb();
[[nodiscard]] Verb warm_verb();
[[nodiscard]] Verb help_verb();
[[nodiscard]] Verb version_verb();

} // namespace cachefiles::ctl
