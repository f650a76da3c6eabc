// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/command.hpp"
#include "protocol/command_text.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

namespace {
std::unexpected<CommandRefusal> refused(CommandRefusal refusal) {
    return std::unexpected(refusal);
}
} // namespace

TEST_CASE("commands are printed as the driver wants them") {
    CHECK(format_text(Verb::dir, "/var/cache/fscache") == "dir /var/cache/fscache");
    CHECK(format_text(Verb::tag, "my cache ") == "tag my cache ");
    CHECK(format_text(Verb::secctx, "system_u:system_r:cachefiles_kernel_t:s0") ==
          "secctx system_u:system_r:cachefiles_kernel_t:s0");
    CHECK(format_text(Verb::cull, "Dtest.img") == "cull Dtest.img");
    CHECK(format_text(Verb::inuse, "@0a") == "inuse @0a");
    CHECK(format_limit({Verb::frun, 10}) == "frun 10%");
    CHECK(format_bind(BindMode::plain) == "bind");
    CHECK(format_bind(BindMode::on_demand) == "bind ondemand");
    CHECK(format_debug(5) == "debug 5");
    CHECK(format_restore() == "restore");
    CHECK(format_copen(7, 4096) == "copen 7,4096");
    CHECK(format_copen(7, std::unexpected(2)) == "copen 7,-2");
}

TEST_CASE("texts that the language cannot say are refused") {
    using namespace std::string_view_literals;
    for (const Verb verb : {Verb::dir, Verb::tag, Verb::secctx, Verb::cull, Verb::inuse}) {
        CAPTURE(verb_name(verb));
        CHECK(format_text(verb, "") == refused(CommandRefusal::empty));
        CHECK(format_text(verb, "a\nb") == refused(CommandRefusal::newline));
        CHECK(format_text(verb, "\n") == refused(CommandRefusal::newline));
        CHECK(format_text(verb, "a\0"sv) == refused(CommandRefusal::nul));
        CHECK(format_text(verb, " a") == refused(CommandRefusal::leading_space));
        CHECK(format_text(verb, "\xa0"
                                "a") == refused(CommandRefusal::leading_space));
        CHECK(format_text(verb, "a ").has_value());
    }
}

TEST_CASE("a command is no longer than the driver reads") {
    CHECK(format_text(Verb::dir, std::string(4091, 'd'))->size() == max_command);
    CHECK(format_text(Verb::dir, std::string(4092, 'd')) == refused(CommandRefusal::too_long));
}

TEST_CASE("names are not paths") {
    for (const Verb verb : {Verb::cull, Verb::inuse}) {
        CHECK(format_text(verb, "a/b") == refused(CommandRefusal::slash));
        CHECK(format_text(verb, ".") == refused(CommandRefusal::dot));
        CHECK(format_text(verb, "..") == refused(CommandRefusal::dot));
        CHECK(format_text(verb, std::string(255, 'n')).has_value());
        CHECK(format_text(verb, std::string(256, 'n')) == refused(CommandRefusal::too_long));
    }
}

TEST_CASE("a copen says a size of 63 bits, or an errno") {
    CHECK(format_copen(UINT32_MAX, INT64_MAX) == "copen 4294967295,9223372036854775807");
    CHECK(format_copen(1, 1ULL << 63) == refused(CommandRefusal::out_of_range));
    for (const int error : {0, -1, 4096})
        CHECK(format_copen(1, std::unexpected(error)) == refused(CommandRefusal::out_of_range));
}

TEST_CASE("what is printed is understood as it was meant") {
    const auto argument_of = [](const std::string& text) {
        return parse_command(text, DriverBuild::on_demand).value().argument;
    };
    CHECK(argument_of(format_text(Verb::cull, "a b \r").value()) == "a b \r");
    CHECK(parse_percent(argument_of(format_limit({Verb::bstop, 99}))) == 99);
    CHECK(parse_debug(argument_of(format_debug(UINT32_MAX))) == UINT32_MAX);
    CHECK(parse_bind(argument_of(format_bind(BindMode::on_demand)), DriverBuild::on_demand) ==
          BindMode::on_demand);
    const Copen copen =
        parse_copen(argument_of(format_copen(9, std::unexpected(5)).value())).value();
    CHECK(copen == Copen{9, std::unexpected(5), 0});
}

TEST_CASE("every refusal has a text") {
    for (int refusal = 0; refusal <= static_cast<int>(CommandRefusal::out_of_range); ++refusal)
        CHECK(!refusal_text(static_cast<CommandRefusal>(refusal)).empty());
}
