// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/exit_status.hpp"

#include <span>
#include <string_view>

namespace cachefiles::ctl {

class Arguments;
class Context;

/// --NAME, or --NAME=ARGUMENT.
struct Option {
    std::string_view name;
    std::string_view argument; ///< what stands for its value; empty: a flag
    std::string_view doc;      ///< one line
    char letter = 0;           ///< -L; 0: none
};

/// What is done. The command line, the help, the completions and the manual follow from the table
/// of them (verbs.hpp).
struct Verb {
    std::string_view name;
    std::string_view operands; ///< as the synopsis has them: "[VOLUME]"
    unsigned least = 0;        ///< operands
    unsigned most = 0;
    std::string_view doc; ///< one line
    std::span<const Option> options;
    ExitStatus (*run)(Context& context, const Arguments& arguments);
};

/// No limit to the operands.
inline constexpr unsigned any_number = ~0U;

} // namespace cachefiles::ctl
