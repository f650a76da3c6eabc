// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/verbs.hpp"

#include <array>

namespace cachefiles::ctl {

std::span<const Verb> verbs() {
    static const std::array table{
        status_verb(),  top_verb(),       volumes_verb(), objects_verb(), show_verb(),
        ages_verb(),    cached_verb(),    warm_verb(),    limits_verb(),  cull_verb(),
        purge_verb(),   pin_verb(),       unpin_verb(),   pause_verb(),   resume_verb(),
        reload_verb(),  verify_verb(),    doctor_verb(),  config_verb(),  monitor_verb(),
        metrics_verb(), log_level_verb(), help_verb(),    version_verb(),
    };
    return table;
}

const Verb* find_verb(std::string_view name) {
    for (const Verb& verb : verbs()) {
        if (verb.name == name)
            return &verb;
    }
    return nullptr;
}

std::span<const Option> global_options() {
    static constexpr std::array options{
        Option{"json", "", "print JSON, with the keys of cachefilesctl(1)"},
        Option{"host", "[USER@]HOST", "the daemon of another machine, over ssh", 'H'},
        Option{"cache", "TAG", "the cache of that tag, where there are several"},
        Option{"quiet", "", "do not say what was done", 'q'},
        Option{"no-pager", "", "do not show long output in a pager"},
        Option{"color", "WHEN", "colours: auto, always or never"},
        Option{"root", "DIRECTORY", "look at the system in this directory (doctor, config)"},
        Option{"help", "", "print the help", 'h'},
        Option{"version", "", "print the version"},
    };
    return options;
}

} // namespace cachefiles::ctl
