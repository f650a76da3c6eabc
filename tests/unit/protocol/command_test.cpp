// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/command.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace cachefiles::protocol;

namespace {

std::expected<Command, int> parse(std::string_view bytes) {
    return parse_command(bytes, DriverBuild::on_demand);
}

const std::unexpected<int> invalid(EINVAL);
const std::unexpected<int> unsupported(EOPNOTSUPP);

} // namespace

TEST_CASE("a command is a word and the rest") {
    CHECK(parse("frun 7%") == Command{Verb::frun, "7%"});
    CHECK(parse("bind") == Command{Verb::bind, ""});
    CHECK(parse("bind ") == Command{Verb::bind, ""});
    CHECK(parse("cull a b c") == Command{Verb::cull, "a b c"});
    CHECK(parse("dir \t /var/cache/fscache") == Command{Verb::dir, "/var/cache/fscache"});
}

TEST_CASE("every word of the language is known, in its own case only") {
    for (const std::string word :
         {"bind", "brun", "bcull", "bstop", "frun", "fcull", "fstop", "dir", "tag", "secctx",
          "debug", "cull", "inuse", "copen", "restore"}) {
        const std::expected<Command, int> command = parse(word + " x");
        REQUIRE(command.has_value());
        CHECK(verb_name(command->verb) == word);
        CHECK(parse("B" + word) == unsupported);
        CHECK(parse(word + "x y") == unsupported);
    }
    CHECK(parse("BIND") == unsupported);
    CHECK(parse("Frun 7%") == unsupported);
}

TEST_CASE("a plain build knows neither copen nor restore") {
    CHECK(parse_command("copen 1,2", DriverBuild::plain) == unsupported);
    CHECK(parse_command("restore", DriverBuild::plain) == unsupported);
    CHECK(parse_command("cull x", DriverBuild::plain) == Command{Verb::cull, "x"});
}

TEST_CASE("a write of no bytes is an unknown command") {
    CHECK(parse("") == unsupported);
}

TEST_CASE("a command fills a page less one byte") {
    const std::string fits = "tag " + std::string(4091, 't');
    CHECK(parse(fits) == Command{Verb::tag, std::string(4091, 't')});
    CHECK(parse(fits + "t") == unsupported);
    CHECK(parse(std::string(4096, '\0')) == unsupported); // before the bytes are looked at
}

TEST_CASE("a NUL anywhere makes the write invalid") {
    using namespace std::string_view_literals;
    CHECK(parse("\0"sv) == invalid);
    CHECK(parse("bind\0"sv) == invalid);
    CHECK(parse("bind\nrest\0"sv) == invalid);
    CHECK(parse("nonsense\0"sv) == invalid); // before the word is looked at
}

TEST_CASE("text after the first newline is discarded") {
    CHECK(parse("frun 9%\ngarbage") == Command{Verb::frun, "9%"});
    CHECK(parse("frun 9%\n\n") == Command{Verb::frun, "9%"});
    CHECK(parse("bind\n") == Command{Verb::bind, ""});
    CHECK(parse("\n") == invalid);
    CHECK(parse("\nbind") == invalid);
}

TEST_CASE("leading whitespace is no command") {
    for (const char* text : {" bind", "\tbind", "\vbind", "\fbind", "\rbind",
                             "\xa0"
                             "bind",
                             " "})
        CHECK_MESSAGE(parse(text) == unsupported, text);
}

TEST_CASE("whitespace separates: ASCII's, and 0xA0") {
    for (const char* text : {"tag x", "tag\tx", "tag\vx", "tag\fx", "tag\rx",
                             "tag\xa0"
                             "x",
                             "tag \t\v\f\r\xa0 x"})
        CHECK_MESSAGE((parse(text) == Command{Verb::tag, "x"}), text);
    CHECK(parse("tag\x85"
                "x") == unsupported); // white to Unicode, not to the driver
    CHECK(parse("tag\x1fx") == unsupported);
}

TEST_CASE("trailing whitespace belongs to the argument") {
    CHECK(parse("frun 9% ") == Command{Verb::frun, "9% "});
    CHECK(parse("frun 9%\r\n") == Command{Verb::frun, "9%\r"});
    CHECK(parse("cull x\xa0") == Command{Verb::cull, "x\xa0"});
}
