// SPDX-License-Identifier: GPL-2.0-or-later
// The input is the bytes of one write() to the driver.
#include "protocol/command.hpp"
#include "protocol/command_text.hpp"
#include "tests/fuzz/require.hpp"

#include <cerrno>

using namespace cachefiles::protocol;

namespace {

const std::unexpected<int> invalid(EINVAL);

/// What can be printed is read back; what cannot, cannot be in a command.
void check_text(const Command& command) {
    const std::expected<std::string, CommandRefusal> text =
        format_text(command.verb, command.argument);
    if (text)
        require(parse_command(*text, DriverBuild::on_demand) == command);
    else if (command.verb == Verb::cull || command.verb == Verb::inuse)
        require(!parse_victim(command.argument));
    else
        require(text.error() == CommandRefusal::empty);
}

void check_limit(const Command& command) {
    const std::expected<std::uint64_t, int> percent = parse_percent(command.argument);
    require(percent || percent == invalid);
    if (!percent)
        return;
    const LimitWrite write{command.verb, *percent};
    const std::expected<Command, int> again =
        parse_command(format_limit(write), DriverBuild::plain);
    require(again && parse_percent(again->argument) == percent);
    Limits limits;
    const bool accepted = limits.write(write.verb, write.percent) == 0;
    require(limits.is_valid() && (accepted || limits == Limits{}));
}

void check_debug(std::string_view argument) {
    const std::expected<std::uint64_t, int> mask = parse_debug(argument);
    require(mask || mask == invalid);
    if (mask && !argument.empty() && argument.front() != '0')
        require(parse_percent(std::string(argument) + "%") == mask);
}

void check_copen(std::string_view argument) {
    const std::expected<Copen, int> copen = parse_copen(argument);
    if (!copen) {
        require(copen.error() == EINVAL || copen.error() == ERANGE);
        return;
    }
    if (copen->reply != 0) {
        require(copen->size == std::unexpected(copen->reply));
    } else if (copen->id <= UINT32_MAX) {
        const std::uint32_t id = static_cast<std::uint32_t>(copen->id);
        const std::string text = format_copen(id, copen->size).value();
        const std::string_view again = std::string_view(text).substr(text.find(' ') + 1);
        require(parse_copen(again) == copen);
    }
}

void check_argument(const Command& command) {
    if (is_limit(command.verb))
        return check_limit(command);
    switch (command.verb) {
    case Verb::dir:
    case Verb::tag:
    case Verb::secctx:
        require(parse_text(command.argument).has_value() == !command.argument.empty());
        return check_text(command);
    case Verb::cull:
    case Verb::inuse:
        return check_text(command);
    case Verb::debug:
        return check_debug(command.argument);
    case Verb::copen:
        return check_copen(command.argument);
    case Verb::bind:
        require(parse_bind(command.argument, DriverBuild::on_demand) ==
                    parse_bind(command.argument, DriverBuild::plain) ||
                command.argument == "ondemand");
        return;
    default:
        return;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(data, size);
    const std::expected<Command, int> command = parse_command(bytes, DriverBuild::on_demand);
    const std::expected<Command, int> plain = parse_command(bytes, DriverBuild::plain);
    if (!command) {
        require(command.error() == EINVAL || command.error() == EOPNOTSUPP);
        require(plain == command);
        return 0;
    }
    const bool on_demand_only = command->verb == Verb::copen || command->verb == Verb::restore;
    require(on_demand_only ? plain == std::unexpected(EOPNOTSUPP) : plain == command);
    using namespace std::string_view_literals;
    require(command->argument.find_first_of("\0\n"sv) == std::string::npos);
    require(command->argument.empty() || !is_command_space(command->argument.front()));
    check_argument(*command);
    return 0;
}
