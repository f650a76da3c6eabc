// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/options.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace cachefiles::daemon;

namespace {

std::expected<Options, CommandLineEnd> parsed(std::vector<const char*> words) {
    words.insert(words.begin(), "cachefilesd");
    words.push_back(nullptr);
    return parse_options(static_cast<int>(words.size()) - 1, words.data());
}

/// The one line that a bad command line gives.
std::string usage_error(const std::vector<const char*>& words) {
    const std::expected<Options, CommandLineEnd> result = parsed(words);
    if (result)
        return "accepted";
    CHECK(result.error().status == ExitStatus::usage);
    CHECK(result.error().text.find('\n') == result.error().text.size() - 1);
    return result.error().text;
}

} // namespace

TEST_CASE("options: none") {
    const Options options = parsed({}).value();
    CHECK(options.action == Options::Action::run);
    CHECK_FALSE(options.config_file);
    CHECK(options.pid_file == "/run/cachefilesd.pid");
    CHECK_FALSE(options.foreground);
    CHECK_FALSE(options.log_to_stderr);
    CHECK_FALSE(options.no_culling);
    CHECK(options.debug == 0);
}

TEST_CASE("options: those of the stock daemon") {
    const Options options =
        parsed({"-d", "-dd", "-snN", "-f", "/etc/a b.conf", "-p/run/x"}).value();
    CHECK(options.debug == 3);
    CHECK(options.log_to_stderr);
    CHECK(options.foreground);
    CHECK(options.no_culling);
    CHECK(options.config_file == "/etc/a b.conf");
    CHECK(options.pid_file == "/run/x");
    // as getopt(3) has it: flags may be repeated, of values the last one counts
    const Options repeated = parsed({"-n", "-n", "-f", "a", "-f", "b", "--"}).value();
    CHECK(repeated.foreground);
    CHECK(repeated.config_file == "b");
}

TEST_CASE("options: --check and --dump-config") {
    CHECK(parsed({"--check"}).value().action == Options::Action::check);
    CHECK(parsed({"--dump-config", "-f", "x"}).value().action == Options::Action::dump_config);
    CHECK(usage_error({"--check", "--dump-config"}) ==
          "cachefilesd: --check excludes --dump-config (see --help)\n");
}

TEST_CASE("options: --help and --version end with success") {
    for (const char* word : {"-h", "--help"}) {
        const CommandLineEnd end = parsed({word, "-n"}).error();
        CHECK(end.status == ExitStatus::success);
        for (const char* option : {"-d", "-s", "-n", "-N", "-f", "-p", "-v", "-h", "--check",
                                   "--dump-config", "--version", "--help"}) {
            CAPTURE(option);
            CHECK(end.text.find(option) != std::string::npos);
        }
    }
    for (const char* word : {"-v", "--version"}) {
        const CommandLineEnd end = parsed({word}).error();
        CHECK(end.status == ExitStatus::success);
        CHECK(end.text == "cachefilesd " CACHEFILESD_VERSION "\n");
    }
}

TEST_CASE("options: what is no option is status 2 and one line") {
    CHECK(usage_error({"-x"}) ==
          "cachefilesd: The following argument was not expected: -x (see --help)\n");
    CHECK(usage_error({"file"}) ==
          "cachefilesd: The following argument was not expected: file (see --help)\n");
    for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{
             {"-f"}, {"-p"}, {"-f", ""}, {"-nx"}, {"--foregroun"}, {"-n=2"}, {"a\nb"}, {"--", "x"}})
        CHECK(usage_error(words).starts_with("cachefilesd: "));
}

TEST_CASE("options: the statuses are those that the unit and stock know") {
    CHECK(static_cast<int>(ExitStatus::success) == 0);
    CHECK(static_cast<int>(ExitStatus::failure) == 1);
    CHECK(static_cast<int>(ExitStatus::usage) == 2);
    CHECK(static_cast<int>(ExitStatus::config) == 78);
}
