// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/reload.hpp"

#include "daemon/config/diagnostic.hpp"
#include "daemon/config/schema.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {
namespace {

std::string rule_text(const cull::VolumeRule& rule) {
    const cull::VolumeRule defaults;
    std::string text;
    for (const VolumeKey& key : volume_keys()) {
        const std::string value = key.get(rule);
        if (value != key.get(defaults))
            text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key.name, printable(value));
    }
    return text;
}

void add_volumes(ReloadEffects& effects, const Config& before, const Config& after) {
    const std::vector<cull::VolumeRule>& old_rules = before.limits.volumes;
    const std::vector<cull::VolumeRule>& new_rules = after.limits.volumes;
    for (std::size_t i = 0; i < std::max(old_rules.size(), new_rules.size()); ++i) {
        const std::string was = i < old_rules.size() ? rule_text(old_rules[i]) : "none";
        const std::string is = i < new_rules.size() ? rule_text(new_rules[i]) : "none";
        if (was != is)
            effects.at_once.push_back(fmt::format("volumes[{}]: {} -> {}", i, was, is));
    }
}

} // namespace

ReloadEffects reload_effects(const Config& before, const Config& after) {
    ReloadEffects effects;
    // What the driver computed from the percentages counts for the culler as well (SpaceWatch).
    const bool driver = before.daemon.backend == BackendKind::kernel;
    for (const Key& key : keys()) {
        const std::string was = key.get(before);
        const std::string is = key.get(after);
        if (was == is)
            continue;
        const bool rebind =
            key.effect == Effect::rebind || (key.effect == Effect::watermark && driver);
        std::vector<std::string>& list = rebind                          ? effects.rebind
                                         : key.effect == Effect::restart ? effects.restart
                                                                         : effects.at_once;
        list.push_back(fmt::format("{}: {} -> {}", key.path, printable(was), printable(is)));
    }
    add_volumes(effects, before, after);
    return effects;
}

} // namespace cachefiles::daemon
