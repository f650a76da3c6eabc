// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/limit_change.hpp"

#include "base/bytes_text.hpp"
#include "base/units.hpp"
#include "daemon/config/schema.hpp"

#include <fmt/format.h>

#include <optional>

namespace cachefiles::daemon::admin {
namespace {

Refusal invalid(std::string text) {
    return {Refusal::Kind::invalid, std::move(text)};
}

/// What may not be culled yet must not be due.
std::optional<Refusal> check_ages(const cull::Limits& limits) {
    const std::string min_age = format_duration(limits.min_age);
    if (limits.max_age && *limits.max_age <= limits.min_age)
        return invalid(fmt::format("max-age ({}) must be more than min-age ({})",
                                   format_duration(*limits.max_age), min_age));
    for (const cull::VolumeRule& rule : limits.volumes) {
        if (rule.max_age && *rule.max_age <= limits.min_age)
            return invalid(fmt::format("min-age ({}) must be less than max-age ({}) of volumes {}",
                                       min_age, format_duration(*rule.max_age),
                                       bytes_text(rule.match)));
    }
    return std::nullopt;
}

} // namespace

std::map<std::string, std::string> texts_of(const LimitChange& change) {
    std::map<std::string, std::string> texts;
    const auto add = [&texts](const char* path, const auto& value, const char* zero) {
        if (value)
            texts.emplace(path, *value == 0 ? zero : fmt::to_string(*value));
    };
    add("limits.max-size", change.max_size, "none");
    add("limits.max-files", change.max_files, "none");
    add("limits.min-free", change.min_free, "none");
    add("limits.max-age", change.max_age, "none");
    add("limits.min-age", change.min_age, "0");
    return texts;
}

std::expected<cull::Limits, Refusal> changed(const cull::Limits& limits,
                                             const LimitChange& change) {
    Config config;
    config.limits = limits;
    for (const auto& [path, text] : texts_of(change)) {
        const Key* const key = find_key(path);
        if (const std::optional<std::string> rule = key->set(config, text))
            return std::unexpected(invalid(fmt::format("{}: {}: {}", key->name(), text, *rule)));
    }
    if (std::optional<Refusal> refusal = check_ages(config.limits))
        return std::unexpected(*std::move(refusal));
    return config.limits;
}

} // namespace cachefiles::daemon::admin
