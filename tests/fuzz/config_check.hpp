// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/draft.hpp"
#include "daemon/config/dump.hpp"
#include "daemon/config/reload.hpp"
#include "daemon/config/yaml_source.hpp"

#include <cstdlib>
#include <iostream>

namespace cachefiles::tests {

inline void require(bool holds, const char* what) {
    if (holds)
        return;
    std::cerr << "broken: " << what << '\n';
    std::abort();
}

/// What holds for every input: an error is one line, and what was accepted survives a dump.
inline void check_config(const daemon::SourceText& source) {
    daemon::Draft draft;
    draft.apply(source);
    draft.finish();
    for (const daemon::Diagnostic& error : draft.errors()) {
        require(!error.text.empty(), "an error has a text");
        require(error.to_string().find('\n') == std::string::npos, "an error is one line");
    }
    if (!draft.errors().empty())
        return;
    daemon::Draft again;
    again.apply(daemon::read_yaml(daemon::dump(draft.config(), draft.origins()), "dump"));
    again.finish();
    require(again.errors().empty(), "a dump can be read");
    require(again.config() == draft.config(), "a dump says the same");
    require(!daemon::reload_effects(draft.config(), again.config()).any(), "nothing has changed");
}

} // namespace cachefiles::tests
