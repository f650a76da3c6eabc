// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/schema.hpp"
#include "daemon/config/suggestion.hpp"
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

/// "limits.brun" and a value as a file.
std::string with(std::string_view path, std::string_view value) {
    const std::size_t dot = path.find('.');
    return std::string(path.substr(0, dot)) + ":\n  " + std::string(path.substr(dot + 1)) + ": " +
           std::string(value) + "\n";
}

/// The rule that a value breaks; empty: none.
std::string rule(std::string_view path, std::string_view value) {
    const std::string errors = yaml_errors(with(path, value));
    const std::size_t at = errors.rfind(": ");
    return errors.empty() ? "" : errors.substr(at + 2, errors.size() - at - 3);
}

} // namespace

TEST_CASE("schema: every key is set to another value and read back") {
    const std::pair<const char*, const char*> values[]{
        {"cache.directory", "/srv/cache"},
        {"cache.tag", "nfs"},
        {"cache.security-context", "system_u:object_r:x:s0"},
        {"cache.device", "/run/cachefilesd/dev/cachefiles"},
        {"cache.kernel-debug", "0x7"},
        {"cache.extent-size", "1MiB"},
        {"limits.brun", "60%"},
        {"limits.bcull", "6%"},
        {"limits.bstop", "2%"},
        {"limits.frun", "61%"},
        {"limits.fcull", "6%"},
        {"limits.fstop", "0%"},
        {"limits.max-size", "1536GiB"},
        {"limits.max-files", "9007199254740993"},
        {"limits.min-free", "4097"},
        {"limits.max-age", "30d"},
        {"limits.min-age", "90min"},
        {"culling.enabled", "false"},
        {"index.directory", "/srv/index"},
        {"index.page-cache", "64MiB"},
        {"index.touch-granularity", "30s"},
        {"index.commit-interval", "2s"},
        {"index.reserve", "0"},
        {"daemon.backend", "user"},
        {"daemon.log-level", "debug"},
        {"daemon.events", "inotify"},
        {"daemon.scan-threads", "8"},
        {"daemon.space-check-interval", "1min"},
        {"metrics.textfile", "/srv/a.prom"},
        {"metrics.interval", "1min"},
        {"user.socket", "/run/netfs"},
        {"user.device", "true"},
        {"user.bound-by", "device"},
        {"user.commit-interval", "1s"},
        {"user.idle-timeout", "11s"},
        {"user.executor-threads", "2"},
        {"user.max-clients", "10"},
        {"user.max-volumes-per-client", "11"},
        {"user.max-cookies-per-client", "12"},
        {"user.max-files-per-client", "13"},
        {"user.max-grants-per-client", "14"},
    };
    CHECK(std::size(values) == keys().size());
    for (const auto& [path, value] : values) {
        CAPTURE(path);
        const Key* const key = find_key(path);
        REQUIRE(key != nullptr);
        CHECK(!key->doc.empty());
        CHECK(key->get(Config()) != value);
        const Draft draft = yaml(with(path, value));
        CHECK(joined(draft.errors()) == "");
        CHECK(key->get(draft.config()) == value);
        CHECK(draft.config() != Config());
        CHECK(draft.origins().of(path).text() == "f:2");
        // and nothing else was touched
        for (const Key& other : keys())
            CHECK((other.path == path || other.get(draft.config()) == other.get(Config())));
    }
}

TEST_CASE("schema: defaults are values") {
    for (const Key& key : keys()) {
        CAPTURE(key.path);
        Config config;
        CHECK(key.set(config, key.get(config)) == std::nullopt);
        CHECK(config == Config());
        CHECK(key.optional == (key.get(config) == "none"));
    }
}

TEST_CASE("schema: rules of values") {
    CHECK(rule("limits.brun", "7") == ""); // without "%", too
    for (const char* text : {"100%", "-1%", "7.5%", "\"%\"", "\"\"", "7%%", "0x7"}) {
        CAPTURE(text);
        CHECK(rule("limits.brun", text) == "must be a whole percentage from 0% to 99%");
    }
    CHECK(rule("limits.max-size", "500G") == "");
    CHECK(rule("limits.max-size", "none") == "");
    CHECK(rule("limits.max-size", "None") ==
          "must be a size such as 500GiB, 1.5T or 4096, or none");
    CHECK(rule("limits.max-size", "10%") == "must be a size such as 500GiB, 1.5T or 4096, or none");
    CHECK(rule("limits.max-size", "0") == "must be more than 0, or none");
    CHECK(rule("limits.max-size", "1025P") == "must be at most 1024PiB, or none");
    CHECK(rule("limits.max-files", "0") == "must be a whole number, at least 1, or none");
    CHECK(rule("limits.max-files", "1M") == "must be a whole number, at least 1, or none");
    CHECK(rule("limits.max-age", "30") == "");
    CHECK(rule("limits.max-age", "3 days") ==
          "must be a time such as 90s, 15min, 12h or 30d, or none");
    CHECK(rule("limits.max-age", "0") == "must be at least 1s, or none");
    CHECK(rule("limits.min-age", "101y") == "must be at most 36500d");
    CHECK(rule("limits.min-age", "none") == "must be a time such as 90s, 15min, 12h or 30d");
    CHECK(rule("index.page-cache", "1023KiB") == "must be at least 1MiB");
    CHECK(rule("index.commit-interval", "0") == "must be at least 1s");
    CHECK(rule("index.commit-interval", "2h") == "must be at most 1h");
    CHECK(rule("daemon.scan-threads", "65") == "must be a whole number from 1 to 64");
    CHECK(rule("daemon.scan-threads", "07") == "must be a whole number from 1 to 64");
    CHECK(rule("daemon.log-level", "loud") == "must be one of error, warning, notice, info, debug");
    CHECK(rule("daemon.backend", "both") == "must be one of kernel, user");
    CHECK(rule("user.bound-by", "me") == "must be one of daemon, device");
    CHECK(rule("daemon.events", "ebpf") == "must be one of auto, fanotify, inotify, off");
    for (const char* text : {"yes", "On", "TRUE", "no", "OFF", "false"}) {
        CAPTURE(text);
        CHECK(rule("culling.enabled", text) == "");
    }
    CHECK(rule("culling.enabled", "1") == "must be true or false");
    CHECK(rule("cache.kernel-debug", "017") == "");
    CHECK(rule("cache.kernel-debug", "08") == "must be a number such as 7 or 0x7, or none");
    CHECK(rule("cache.kernel-debug", "0x100000000") ==
          "must be a number such as 7 or 0x7, or none");
}

TEST_CASE("schema: rules of paths and names") {
    CHECK(rule("cache.directory", "\"/a b\"") == "");
    CHECK(rule("cache.directory", "\"\"") == "must not be empty");
    CHECK(rule("cache.directory", "cache") == "must be an absolute path");
    CHECK(rule("cache.directory", "\"/a\\nbind\"") == "must not have a newline or NUL");
    CHECK(rule("cache.directory", "\"/a\\0\"") == "must not have a newline or NUL");
    CHECK(rule("cache.tag", "\" x\"") == "must not begin with a blank");
    CHECK(rule("cache.tag", "\"\\tx\"") == "must not begin with a blank");
    CHECK(rule("cache.tag", "\"x\\ny\"") == "must not have a newline or NUL");
    CHECK(rule("cache.tag", "\"\"") == "must not be empty");
    CHECK(rule("cache.tag", "a/b") == "must not have a slash (the index is a file of that name)");
    CHECK(rule("cache.tag", std::string(200, 'x')) == "");
    CHECK(rule("cache.tag", std::string(201, 'x')) == "must not be longer than 200 bytes");
}

TEST_CASE("schema: an error shows the value, harmless and short") {
    CHECK(yaml_errors("cache: {directory: \"\\e[31m\"}\n") ==
          "f:1:20: cache.directory: \\x1b[31m: must be an absolute path\n");
    CHECK(yaml_errors("cache: {directory: \"\"}\n") ==
          "f:1:20: cache.directory: \"\": must not be empty\n");
    CHECK(yaml_errors("cache: {directory: " + std::string(500, 'x') + "}\n") ==
          "f:1:20: cache.directory: " + std::string(80, 'x') + "...: must be an absolute path\n");
    CHECK(printable(std::string(79, 'x') + "\xc3\xa4") == std::string(79, 'x') + "...");
}

TEST_CASE("schema: wrong kinds of values") {
    CHECK(yaml_errors("limits:\n  brun:\n") == "f:2:3: limits.brun: has no value; give PERCENT\n");
    CHECK(yaml_errors("limits:\n  max-size: ~\n") ==
          "f:2:3: limits.max-size: has no value; give SIZE or none\n");
    CHECK(yaml_errors("limits: {brun: [7%]}\n") ==
          "f:1:16: limits.brun: must be one value, not a list\n");
    CHECK(yaml_errors("limits: {brun: {a: b}}\n") ==
          "f:1:16: limits.brun: must be one value, not a mapping\n");
    CHECK(yaml_errors("limits: 7%\n") == "f:1:9: limits: 7%: must be a mapping\n");
    CHECK(yaml_errors("limits:\n- brun: 7%\n") == "f:2:1: limits: must be a mapping, not a list\n");
    CHECK(yaml_errors("volumes: {match: x}\n") ==
          "f:1:10: volumes: must be a list of rules (`- match: ...`)\n");
    // the place of an empty item is that of what follows it: yaml-cpp knows no other
    CHECK(yaml_errors("volumes:\n- nfs\n-\n- [x]\n") ==
          "f:2:3: volumes[0]: must be a rule (`match: ...`)\n"
          "f:4:1: volumes[1]: must be a rule (`match: ...`)\n"
          "f:4:3: volumes[2]: must be a rule (`match: ...`)\n");
}

TEST_CASE("schema: unknown keys, and what was meant") {
    CHECK(yaml_errors("limits: {bcul: 3%, max_size: 1G}\n") ==
          "f:1:10: limits.bcul: unknown key; did you mean limits.bcull?\n"
          "f:1:20: limits.max_size: unknown key; did you mean limits.max-size?\n");
    CHECK(yaml_errors("limts: {brun: 3%}\n") ==
          "f:1:1: limts: unknown key; did you mean limits?\n");
    CHECK(yaml_errors("volume: []\n") == "f:1:1: volume: unknown key; did you mean volumes?\n");
    CHECK(yaml_errors("brun: 8%\n") == "f:1:1: brun: unknown key; did you mean limits.brun?\n");
    CHECK(yaml_errors("dir: /x\n") == "f:1:1: dir: unknown key; did you mean cache.directory?\n");
    CHECK(yaml_errors("cache: {max-size: 1G}\n") ==
          "f:1:9: cache.max-size: unknown key; did you mean limits.max-size?\n");
    CHECK(yaml_errors("gauges: {textfile: /x}\n") == "f:1:1: gauges: unknown key\n");
    CHECK(yaml_errors("volumes: [{mach: x}]\n") ==
          "f:1:11: volumes[0]: has no match\n"
          "f:1:12: volumes[0].mach: unknown key; did you mean match?\n");
    CHECK(yaml_errors("volumes: [{match: x, min-age: 1d}]\n") ==
          "f:1:22: volumes[0].min-age: unknown key; did you mean max-age?\n");
}

TEST_CASE("schema: suggestions") {
    constexpr std::string_view names[]{"directory", "dir", "brun"};
    CHECK(suggestion("dri", names) == "dir");
    CHECK(suggestion("Directroy", names) == "directory");
    CHECK(suggestion("bru", names) == "brun");
    CHECK(suggestion("elephant", names) == std::nullopt);
    CHECK(suggestion("", names) == std::nullopt);
    CHECK(suggestion(std::string(100'000, 'd'), names) == std::nullopt);
}

TEST_CASE("schema: rules for volumes") {
    const Draft draft = yaml("volumes:\n"
                             "- {match: \"nfs,*\", pin: true}\n"
                             "- {match: \"afs,*\", max-size: 1G, max-files: 10, max-age: 1d}\n");
    CHECK(joined(draft.errors()) == "");
    const std::vector<cull::VolumeRule>& rules = draft.config().limits.volumes;
    REQUIRE(rules.size() == 2);
    cull::VolumeRule first;
    first.match = "nfs,*";
    first.pin = true;
    CHECK(rules[0] == first);
    cull::VolumeRule second;
    second.match = "afs,*";
    second.max_size = 1 << 30;
    second.max_files = 10;
    second.max_age = 86400;
    CHECK(rules[1] == second);
    CHECK(yaml_errors("volumes:\n- {match: x, pin: true, max-size: 1G}\n") ==
          "f:2:35: volumes[0].max-size: 1GiB: a pinned volume is never culled\n");
    CHECK(yaml_errors("volumes:\n- {match: x, pin: true, max-size: none}\n") == "");
    CHECK(yaml_errors("volumes:\n- pin: true\n- match: \"\"\n") ==
          "f:2:3: volumes[0]: has no match\n"
          "f:3:10: volumes[1].match: \"\": must not be empty\n");
    CHECK(yaml_errors("volumes:\n- {match: x, max-age: 0}\n") ==
          "f:2:23: volumes[0].max-age: 0: must be at least 1s, or none\n");
}
