// SPDX-License-Identifier: GPL-2.0-or-later
// The only file of the program that includes CLI11, which takes long to compile.
#include "ctl/command_line.hpp"

#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <list>

namespace cachefiles::ctl {
namespace {

/// Where CLI11 leaves what it read: text, for we read the values ourselves.
struct Taken {
    struct Value {
        const Option* option;
        CLI::Option* handle;
        std::string text;
    };
    std::list<Value> values; // addresses stay
    std::vector<std::string> operands;
};

std::string cli_names(const Option& option) {
    return option.letter == 0 ? fmt::format("--{}", option.name)
                              : fmt::format("-{},--{}", option.letter, option.name);
}

void add_option(CLI::App& app, Taken& taken, const Option& option) {
    Taken::Value& value = taken.values.emplace_back(Taken::Value{&option, nullptr, {}});
    if (option.argument.empty())
        value.handle = app.add_flag(cli_names(option));
    else
        value.handle = app.add_option(cli_names(option), value.text)->take_last();
}

std::map<std::string, std::string, std::less<>> given(const Taken& taken) {
    std::map<std::string, std::string, std::less<>> result;
    for (const Taken::Value& value : taken.values) {
        if (value.handle->count() > 0)
            result.emplace(value.option->name, value.text);
    }
    return result;
}

Colour read_colour(const std::string& text) {
    if (text == "auto")
        return Colour::automatic;
    if (text == "always")
        return Colour::always;
    if (text == "never")
        return Colour::never;
    throw Failure(ExitStatus::usage,
                  fmt::format("--color: \"{}\" is none of auto, always, never", visible(text)));
}

Globals read_globals(const Arguments& given) {
    Globals globals;
    globals.json = given.has("json");
    globals.quiet = given.has("quiet");
    globals.pager = !given.has("no-pager");
    globals.host = given.text("host").value_or("");
    globals.cache = given.text("cache").value_or("");
    globals.root = given.text("root").value_or("/");
    if (const std::optional<std::string> colour = given.text("color"))
        globals.colour = read_colour(*colour);
    if (given.has("host") && (globals.host.empty() || globals.host.starts_with('-')))
        throw Failure(ExitStatus::usage, "--host: needs the name of a machine");
    return globals;
}

/// Before CLI11 does, whose words for it are not ours.
void check_operands(const Verb& verb, const std::vector<std::string>& operands) {
    if (operands.size() < verb.least)
        throw Failure(ExitStatus::usage, fmt::format("{}: needs {}; see cachefilesctl help {}",
                                                     verb.name, verb.operands, verb.name));
    if (operands.size() > verb.most)
        throw Failure(ExitStatus::usage,
                      fmt::format("{}: \"{}\" is too much; see cachefilesctl help {}", verb.name,
                                  visible(operands[verb.most]), verb.name));
}

Command choose(const Arguments& global, const Verb& verb, const Taken& taken) {
    Command command;
    command.globals = read_globals(global);
    command.verb = &verb;
    command.arguments = Arguments(taken.operands, given(taken));
    if (global.has("help")) {
        command.verb = find_verb("help");
        command.arguments = Arguments({std::string(verb.name)}, {});
    } else if (global.has("version")) {
        command.verb = find_verb("version");
        command.arguments = Arguments();
    } else {
        check_operands(verb, taken.operands);
    }
    return command;
}

[[noreturn]] void refuse_command_line(const CLI::ParseError& error) {
    std::string text = error.what();
    std::ranges::replace(text, '\n', ' ');
    throw Failure(ExitStatus::usage, fmt::format("{}; see cachefilesctl help", visible(text)));
}

} // namespace

Command parse_command_line(int argc, const char* const* argv) {
    CLI::App app("", "cachefilesctl");
    app.set_help_flag();
    app.require_subcommand(0, 1);
    app.fallthrough();
    app.allow_extras(false);
    Taken global;
    for (const Option& option : global_options())
        add_option(app, global, option);
    struct Added {
        const Verb* verb;
        CLI::App* app;
        Taken taken;
    };
    std::list<Added> added;
    for (const Verb& verb : verbs()) {
        Added& each = added.emplace_back(
            Added{&verb, app.add_subcommand(std::string(verb.name))->fallthrough(), {}});
        each.app->set_help_flag();
        for (const Option& option : verb.options)
            add_option(*each.app, each.taken, option);
        // More than there may be: check_operands() says so in better words.
        each.app->add_option("operands", each.taken.operands)->expected(0, 1 << 20);
    }
    if (argc > 1 && argv[1][0] != '-' && find_verb(argv[1]) == nullptr)
        throw Failure(
            ExitStatus::usage,
            fmt::format("\"{}\": there is no such verb; see cachefilesctl help", visible(argv[1])));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        refuse_command_line(error);
    }
    const Arguments globals({}, given(global));
    for (const Added& each : added) {
        if (each.app->parsed())
            return choose(globals, *each.verb, each.taken);
    }
    Command command = choose(globals, verbs().front(), Taken());
    if (globals.has("help"))
        command.arguments = Arguments();
    return command;
}

} // namespace cachefiles::ctl
