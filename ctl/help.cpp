// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/help.hpp"

#include "ctl/verbs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

std::string synopsis(const Verb& verb) {
    return fmt::format("{}{}{}", verb.name, verb.operands.empty() ? "" : " ", verb.operands);
}

std::string option_names(const Option& option) {
    return fmt::format("{}--{}{}{}",
                       option.letter == 0 ? "    " : fmt::format("-{}, ", option.letter),
                       option.name, option.argument.empty() ? "" : " ", option.argument);
}

std::string lines(std::span<const Option> options) {
    std::string text;
    for (const Option& option : options)
        text += fmt::format("  {:<25} {}\n", option_names(option), option.doc);
    return text;
}

} // namespace

std::string help() {
    std::string text = "Usage: cachefilesctl [OPTION...] [VERB [ARGUMENT...]]\n"
                       "Shows and controls the local cache of network file systems.\n\nVerbs:\n";
    for (const Verb& verb : verbs())
        text += fmt::format("  {:<25} {}\n", synopsis(verb), verb.doc);
    return text + "\nOptions:\n" + lines(global_options()) +
           "\nSee cachefilesctl help VERB for the options of a verb, and cachefilesctl(1).\n";
}

std::string help(const Verb& verb) {
    std::string text = fmt::format("Usage: cachefilesctl {}{}\n{}.\n", synopsis(verb),
                                   verb.options.empty() ? "" : " [OPTION...]", verb.doc);
    text[text.find('\n') + 1] = static_cast<char>(verb.doc.front() & ~0x20);
    if (!verb.options.empty())
        text += "\nOptions:\n" + lines(verb.options);
    return text;
}

} // namespace cachefiles::ctl
