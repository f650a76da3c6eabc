// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/config/diagnostic.hpp"
#include "daemon/config/entry.hpp"
#include "daemon/config/origin.hpp"
#include "daemon/config/validation.hpp"

#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// A configuration in the making: what was said so far, and what was wrong with it.
class Draft final {
public:
    /// Takes over what a file says, over what was said before.
    void apply(const SourceText& source);
    /// Sets one key from elsewhere than a file.
    void set(std::string_view path, std::string_view text, const Origin& origin);
    void add_error(Diagnostic error) { errors_.push_back(std::move(error)); }
    /// When everything has been said: checks the rules that concern several keys.
    void finish();

    [[nodiscard]] const Config& config() const { return config_; }
    [[nodiscard]] const Origins& origins() const { return origins_; }
    [[nodiscard]] const Diagnostics& errors() const { return errors_; }

private:
    friend class DraftReader; // draft.cpp

    Config config_;
    Origins origins_;
    Diagnostics errors_;
    RefusedKeys refused_;
    bool complete_ = true; ///< no file was cut short by an error
};

} // namespace cachefiles::daemon
