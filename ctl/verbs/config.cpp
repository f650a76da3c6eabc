// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes_text.hpp"
#include "ctl/arguments.hpp"
#include "ctl/configuration.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"
#include "daemon/config/dump.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace cachefiles::ctl {
namespace {

using Loaded = std::expected<daemon::LoadedConfig, daemon::Diagnostics>;

std::string lines_of(const daemon::Diagnostics& diagnostics) {
    std::string text;
    for (const daemon::Diagnostic& each : diagnostics)
        text += each.to_string() + "\n";
    return text;
}

ExitStatus check_config(const Context& context, const Loaded& loaded) {
    if (context.json()) {
        Json files = Json::array();
        if (loaded) {
            for (const std::filesystem::path& file : loaded->files)
                files.push_back(bytes_text(file.native()));
        }
        context.print(to_line(Json{{"valid", loaded.has_value()},
                                   {"errors", loaded ? Json::array() : to_json(loaded.error())},
                                   {"notices", loaded ? to_json(loaded->notices) : Json::array()},
                                   {"files", std::move(files)}}));
    } else if (loaded) {
        context.print(lines_of(loaded->notices));
        context.say(loaded->files.empty() ? "There is no file: the defaults hold.\n"
                                          : "There are no errors.\n");
    } else {
        context.print(lines_of(loaded.error()));
    }
    return loaded ? ExitStatus::success : ExitStatus::failure;
}

ExitStatus dump_config(const Context& context, const daemon::LoadedConfig& loaded) {
    context.print(context.json() ? to_line(to_json(loaded))
                                 : daemon::dump(loaded.config, loaded.origins));
    return ExitStatus::success;
}

bool is_yaml_name(const std::filesystem::path& file) {
    return file.extension() == ".yaml" || file.extension() == ".yml";
}

ExitStatus convert_config(const Context& context, const std::string& file,
                          const daemon::LoadedConfig& loaded) {
    const std::string text = is_yaml_name(file) ? in_stock_format(loaded)
                                                : daemon::dump_set(loaded.config, loaded.origins);
    context.print(context.json() ? to_line(Json{{"text", utf8_text(text)}}) : text);
    if (!loaded.notices.empty() && !context.globals().quiet)
        std::fputs(lines_of(loaded.notices).c_str(), stderr);
    return ExitStatus::success;
}

/// Which file convert is about, if none is named: the one that is there to be converted.
std::string default_file(const Context& context) {
    const std::filesystem::path etc = context.globals().root / "etc";
    return (etc / "cachefilesd.conf").string();
}

ExitStatus run_config(Context& context, const Arguments& arguments) {
    context.need_this_machine("config");
    const std::string action = arguments.operand(0);
    std::string file = arguments.operand(1);
    if (action != "check" && action != "dump" && action != "convert")
        throw Failure(
            ExitStatus::usage,
            fmt::format("config: \"{}\" is none of check, dump, convert", visible(action)));
    if (action == "convert" && file.empty())
        file = default_file(context);
    const Loaded loaded = load_configuration(context.globals().root, file);
    if (action == "check")
        return check_config(context, loaded);
    if (!loaded)
        throw Failure(ExitStatus::failure,
                      fmt::format("config {}: there are errors:\n{}", action,
                                  lines_of(loaded.error()) + "correct them first"));
    return action == "dump" ? dump_config(context, *loaded)
                            : convert_config(context, file, *loaded);
}

} // namespace

Verb config_verb() {
    return {"config", "ACTION [FILE]", 1, 2, "the configuration: check, dump or convert it",
            {},       run_config};
}

} // namespace cachefiles::ctl
