// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/exit_status.hpp"

#include <stdexcept>
#include <string>

namespace cachefiles::ctl {

/// Ends a verb. The text is what, why, and what to do: "what: why; what to do".
class Failure final : public std::runtime_error {
public:
    Failure(ExitStatus status, const std::string& text)
        : std::runtime_error(text), status_(status) {}
    [[nodiscard]] ExitStatus status() const noexcept { return status_; }

private:
    ExitStatus status_;
};

} // namespace cachefiles::ctl
