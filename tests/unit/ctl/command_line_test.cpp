// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_line.hpp"
#include "ctl/failure.hpp"
#include "ctl/verbs.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace cachefiles::ctl;

namespace {

Command parse(std::vector<const char*> words) {
    words.insert(words.begin(), "cachefilesctl");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

ExitStatus refusal(const std::vector<const char*>& words) {
    try {
        (void)parse(words);
    } catch (const Failure& failure) {
        return failure.status();
    }
    return ExitStatus::success;
}

} // namespace

TEST_CASE("status is the default; options go before and after the verb") {
    CHECK(parse({}).verb->name == "status");
    CHECK(parse({"--json"}).globals.json);
    const Command command = parse({"-H", "me@host", "cull", "--bytes=10G", "--yes", "--json"});
    CHECK(command.verb->name == "cull");
    CHECK(command.globals.host == "me@host");
    CHECK(command.globals.json);
    CHECK(command.arguments.bytes("bytes") == 10ULL << 30);
    CHECK(command.arguments.has("yes"));
    CHECK(!command.arguments.has("dry-run"));
    CHECK(parse({"pin", "a,b", "c"}).arguments.operands() == std::vector<std::string>{"a,b", "c"});
}

TEST_CASE("help and version, as verbs and as options") {
    CHECK(parse({"--help"}).verb->name == "help");
    CHECK(parse({"--help"}).arguments.operands().empty());
    CHECK(parse({"cull", "-h"}).arguments.operand(0) == "cull");
    CHECK(parse({"--version"}).verb->name == "version");
}

TEST_CASE("what is no command line is usage, whatever the parser calls it") {
    for (const std::vector<const char*>& words :
         std::vector<std::vector<const char*>>{{"nothing"},
                                               {"--nothing"},
                                               {"cull", "--nothing"},
                                               {"cull", "--bytes"},
                                               {"cull", "extra"},
                                               {"pin"},
                                               {"show", "a", "b"},
                                               {"--color", "pink"},
                                               {"-H", ""},
                                               {"--host=-oProxyCommand=x"}})
        CHECK(refusal(words) == ExitStatus::usage);
    CHECK_THROWS_AS((void)parse({"cull", "--bytes", "lots"}).arguments.bytes("bytes"), Failure);
    CHECK_THROWS_AS((void)parse({"cull", "--files", "-1"}).arguments.number("files"), Failure);
    CHECK_THROWS_AS((void)parse({"cull", "--older-than", "x"}).arguments.duration("older-than"),
                    Failure);
}

TEST_CASE("every verb has what help needs") {
    for (const Verb& verb : verbs()) {
        const bool runs = verb.run != nullptr;
        CHECK(runs);
        CHECK(!verb.doc.empty());
        CHECK(find_verb(verb.name)->name == verb.name);
        CHECK((verb.most > 0) == !verb.operands.empty());
    }
}
