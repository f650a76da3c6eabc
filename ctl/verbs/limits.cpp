// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/limits_view.hpp"

#include <fmt/format.h>

#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array limits_options{
    Option{"persistent", "", "keep the change in the configuration, as a drop-in"},
};

void read_limit(LimitOrder& order, const std::string& operand) {
    const std::size_t equals = operand.find('=');
    if (equals == std::string::npos)
        throw Failure(
            ExitStatus::usage,
            fmt::format("limits: \"{}\" is no KEY=VALUE, such as max-size=500G", visible(operand)));
    const std::string key = operand.substr(0, equals);
    const std::string text = operand.substr(equals + 1);
    const std::string value = text == "none" ? "0" : text;
    if (key == "max-size")
        order.max_size = read_bytes(key, value);
    else if (key == "max-files")
        order.max_files = read_number(key, value);
    else if (key == "min-free")
        order.min_free = read_bytes(key, value);
    else if (key == "max-age")
        order.max_age = read_duration(key, value);
    else if (key == "min-age")
        order.min_age = read_duration(key, value);
    else
        throw Failure(ExitStatus::usage,
                      fmt::format("limits: there is no limit \"{}\" to set; there are max-size, "
                                  "max-files, min-free, max-age, min-age",
                                  visible(key)));
}

void show_limits(Context& context, const CacheValues& cache) {
    if (context.json()) {
        Json result = to_json(cache.limits);
        result["cache"] = cache.tag;
        context.print(to_line(result));
    } else {
        context.print(limits_view(cache, context.style()));
    }
}

ExitStatus run_limits(Context& context, const Arguments& arguments) {
    LimitOrder order;
    for (const std::string& operand : arguments.operands())
        read_limit(order, operand);
    order.persistent = arguments.has("persistent");
    if (arguments.operands().empty() && order.persistent)
        throw Failure(ExitStatus::usage, "limits: --persistent: what? give KEY=VALUE");
    Service& service = context.service();
    const CacheValues cache = chosen_cache(context, service.snapshot());
    if (arguments.operands().empty()) {
        show_limits(context, cache);
        return ExitStatus::success;
    }
    service.set_limits(cache.path, order);
    if (context.json())
        show_limits(context, chosen_cache(context, service.snapshot()));
    else
        context.say(order.persistent
                        ? "Changed, and kept in the configuration.\n"
                        : "Changed, until the daemon ends or reloads; --persistent keeps it.\n");
    return ExitStatus::success;
}

} // namespace

Verb limits_verb() {
    return {"limits",       "[KEY=VALUE...]", 0, any_number, "when room is made: show or change it",
            limits_options, run_limits};
}

} // namespace cachefiles::ctl
