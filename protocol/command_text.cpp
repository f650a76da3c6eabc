// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/command_text.hpp"

#include "protocol/command.hpp"
#include "protocol/object_name.hpp"

#include <optional>

namespace cachefiles::protocol {
namespace {

std::optional<CommandRefusal> check_text(std::string_view text) {
    if (text.empty())
        return CommandRefusal::empty;
    if (text.find('\0') != std::string_view::npos)
        return CommandRefusal::nul;
    if (text.find('\n') != std::string_view::npos)
        return CommandRefusal::newline;
    if (is_command_space(text.front()))
        return CommandRefusal::leading_space;
    return std::nullopt;
}

std::optional<CommandRefusal> check_name(std::string_view name) {
    if (name.find('/') != std::string_view::npos)
        return CommandRefusal::slash;
    if (name == "." || name == "..")
        return CommandRefusal::dot;
    if (name.size() > max_file_name)
        return CommandRefusal::too_long;
    return std::nullopt;
}

std::string join(Verb verb, std::string_view argument) {
    std::string text(verb_name(verb));
    text += ' ';
    return text += argument;
}

} // namespace

std::string_view refusal_text(CommandRefusal refusal) {
    switch (refusal) {
    case CommandRefusal::empty:
        return "it is empty";
    case CommandRefusal::leading_space:
        return "it begins with whitespace";
    case CommandRefusal::newline:
        return "it contains a newline";
    case CommandRefusal::nul:
        return "it contains a NUL";
    case CommandRefusal::too_long:
        return "it is too long";
    case CommandRefusal::slash:
        return "it contains a slash";
    case CommandRefusal::dot:
        return "it names the directory or its parent";
    case CommandRefusal::out_of_range:
        return "the number is out of range";
    }
    return {};
}

std::expected<std::string, CommandRefusal> format_text(Verb verb, std::string_view argument) {
    std::optional<CommandRefusal> refusal = check_text(argument);
    if (!refusal && (verb == Verb::cull || verb == Verb::inuse))
        refusal = check_name(argument);
    if (refusal)
        return std::unexpected(*refusal);
    std::string text = join(verb, argument);
    if (text.size() > max_command)
        return std::unexpected(CommandRefusal::too_long);
    return text;
}

std::string format_limit(const LimitWrite& write) {
    return join(write.verb, std::to_string(write.percent) + "%");
}

std::string format_bind(BindMode mode) {
    return mode == BindMode::on_demand ? join(Verb::bind, "ondemand")
                                       : std::string(verb_name(Verb::bind));
}

std::string format_debug(std::uint32_t mask) {
    return join(Verb::debug, std::to_string(mask));
}

std::string format_restore() {
    return std::string(verb_name(Verb::restore));
}

std::expected<std::string, CommandRefusal> format_copen(std::uint32_t id,
                                                        std::expected<std::uint64_t, int> size) {
    const bool in_range =
        size ? *size <= std::uint64_t{INT64_MAX} : size.error() >= 1 && size.error() <= 4095;
    if (!in_range)
        return std::unexpected(CommandRefusal::out_of_range);
    const std::string number = size ? std::to_string(*size) : std::to_string(-size.error());
    return join(Verb::copen, std::to_string(id) + "," + number);
}

} // namespace cachefiles::protocol
