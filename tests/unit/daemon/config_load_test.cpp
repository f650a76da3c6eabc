// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/text_file.hpp"
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

LoadedConfig loaded(const ConfigFiles& files) {
    std::expected<LoadedConfig, Diagnostics> result = load(files.request);
    if (!result)
        FAIL(joined(result.error()));
    return std::move(*result);
}

} // namespace

TEST_CASE("load: without any file there are the defaults") {
    const ConfigFiles files;
    const LoadedConfig result = loaded(files);
    CHECK(result.config == Config());
    CHECK(result.files.empty());
    CHECK(result.notices.empty());
    CHECK(result.origins.of("cache.tag").text() == "default");
}

TEST_CASE("load: stock's file is read if there is no YAML") {
    ConfigFiles files;
    const std::filesystem::path path = files.write("cachefilesd.conf", "tag old\nculltable 12\n");
    const LoadedConfig result = loaded(files);
    CHECK(result.config.cache.tag == "old");
    CHECK(result.files == std::vector{path});
    CHECK(files.relative(joined(result.notices)) ==
          "cachefilesd.conf:2:1: culltable: has no effect; there is no cull table any more\n");
}

TEST_CASE("load: YAML counts more than stock's file, and that is said") {
    ConfigFiles files;
    files.write("cachefilesd.conf", "tag old\nno such key\n");
    files.write("cachefilesd.yaml", "cache: {tag: new}\n");
    const LoadedConfig result = loaded(files);
    CHECK(result.config.cache.tag == "new");
    CHECK(files.relative(joined(result.notices)) ==
          "cachefilesd.conf: is not read; cachefilesd.yaml counts\n");
}

TEST_CASE("load: drop-ins, by name, later ones win") {
    ConfigFiles files;
    files.write("cachefilesd.yaml", "cache: {tag: a}\nlimits: {brun: 20%, max-size: 1G}\n");
    files.write("cachefilesd.yaml.d/20-b.yaml", "limits: {max-size: none}\n");
    files.write("cachefilesd.yaml.d/10-a.yml", "limits: {max-size: 3G, bcull: 15%}\n");
    files.write("cachefilesd.yaml.d/30-c.yaml.bak", "nonsense");
    files.write("cachefilesd.yaml.d/README", "nonsense");
    files.write("cachefilesd.yaml.d/.40-d.yaml", "nonsense");
    std::filesystem::create_symlink("/dev/null", files.path("cachefilesd.yaml.d/50-e.yaml"));
    const LoadedConfig result = loaded(files);
    CHECK(result.config.cache.tag == "a");
    CHECK(result.config.limits.max_size == std::nullopt);
    CHECK(result.config.limits.watermarks.blocks.run == 20);
    CHECK(result.config.limits.watermarks.blocks.cull == 15);
    CHECK(files.relative(result.origins.of("limits.max-size").text()) ==
          "cachefilesd.yaml.d/20-b.yaml:1");
    REQUIRE(result.files.size() == 4);
    CHECK(result.files[1] == files.path("cachefilesd.yaml.d/10-a.yml"));
    CHECK(result.files[2] == files.path("cachefilesd.yaml.d/20-b.yaml"));
}

TEST_CASE("load: drop-ins need no main file, and go over stock's, too") {
    ConfigFiles files;
    files.write("cachefilesd.yaml.d/size.yaml", "limits: {max-size: 1G}\n");
    CHECK(loaded(files).config.limits.max_size == 1 << 30);
    files.write("cachefilesd.conf", "tag old\n");
    CHECK(loaded(files).config.limits.max_size == 1 << 30);
    CHECK(loaded(files).config.cache.tag == "old");
}

TEST_CASE("load: rules for volumes of a later file come first") {
    ConfigFiles files;
    files.write("cachefilesd.yaml", "volumes: [{match: a}, {match: b}]\n");
    files.write("cachefilesd.yaml.d/1.yaml", "volumes: [{match: c, pin: true}]\n");
    files.write("cachefilesd.yaml.d/2.yaml", "volumes:\n");
    LoadedConfig result = loaded(files);
    REQUIRE(result.config.limits.volumes.size() == 3);
    CHECK(result.config.limits.volumes[0].match == "c");
    CHECK(result.config.limits.volumes[1].match == "a");
    CHECK(result.config.limits.volumes[2].match == "b");
    REQUIRE(result.origins.volumes.size() == 3);
    CHECK(files.relative(result.origins.volumes[0].at("pin").text()) ==
          "cachefilesd.yaml.d/1.yaml:1");
    CHECK(files.relative(result.origins.volumes[2].at("match").text()) == "cachefilesd.yaml:1");

    files.write("cachefilesd.yaml.d/3.yaml", "volumes: []\n"); // an empty list drops them
    files.write("cachefilesd.yaml.d/4.yaml", "volumes: [{match: d}]\n");
    result = loaded(files);
    REQUIRE(result.config.limits.volumes.size() == 1);
    CHECK(result.config.limits.volumes[0].match == "d");
    CHECK(result.origins.volumes.size() == 1);
}

TEST_CASE("load: -f FILE is YAML by its name, with its own drop-ins") {
    ConfigFiles files;
    files.write("cachefilesd.yaml", "cache: {tag: usual}\n");
    files.write("cachefilesd.yaml.d/1.yaml", "cache: {tag: usual}\n");
    files.request.file = files.write("x.yml", "cache: {tag: mine}\n");
    CHECK(loaded(files).config.cache.tag == "mine");
    CHECK(loaded(files).notices.empty());
    files.write("x.yml.d/1.yaml", "daemon: {log-level: error}\n");
    CHECK(loaded(files).config.daemon.log_level == Severity::error);

    files.request.file = files.write("stock", "tag theirs\n");
    files.write("stock.d/1.yaml", "cache: {tag: not read}\n");
    CHECK(loaded(files).config.cache.tag == "theirs");
    files.request.file = files.write("x.yaml.old", "cache: {tag: mine}\n");
    CHECK(files.errors() ==
          "x.yaml.old:1:1: cache:: unknown key (YAML is read from a file named *.yaml)\n");
}

TEST_CASE("load: files that cannot be read") {
    ConfigFiles files;
    files.request.file = files.path("none.yaml");
    CHECK(files.errors() == "none.yaml: cannot be read: No such file or directory\n");
    std::filesystem::create_directory(files.path("none.yaml"));
    CHECK(files.errors() == "none.yaml: cannot be read: Is a directory\n");
    files.request.file = files.path("fifo");
    REQUIRE(::mkfifo(files.path("fifo").c_str(), 0600) == 0);
    CHECK(files.errors() == "fifo: is not a regular file\n");
    files.request.file = files.write("large", std::string(largest_text_file, '\n'));
    CHECK(files.errors() == "");
    files.write("large", std::string(largest_text_file + 1, '\n'));
    CHECK(files.errors() == "large: is larger than 1 MiB; it cannot be a configuration\n");
    files.request.file.reset();
    std::filesystem::create_symlink("nowhere", files.path("cachefilesd.yaml"));
    CHECK(files.errors() == "cachefilesd.yaml: cannot be read: No such file or directory\n");
    std::filesystem::remove(files.path("cachefilesd.yaml"));
    files.write("cachefilesd.yaml.d", "");
    CHECK(files.errors() == "cachefilesd.yaml.d: cannot be read: Not a directory\n");
    if (::geteuid() != 0) { // root reads everything
        std::filesystem::remove(files.path("cachefilesd.yaml.d"));
        files.write("cachefilesd.conf", "");
        std::filesystem::permissions(files.path("cachefilesd.conf"), std::filesystem::perms::none);
        CHECK(files.errors() == "cachefilesd.conf: cannot be read: Permission denied\n");
    }
}

TEST_CASE("load: the errors of all files are collected") {
    ConfigFiles files;
    files.write("cachefilesd.yaml",
                "limits:\n  brun: x\n  bcull: 50%\n  frun: 3%\nno-such-key: 1\n");
    files.write("cachefilesd.yaml.d/1.yaml", "cache: {tag: \"\"}\n");
    files.write("cachefilesd.yaml.d/2.yaml", "limits: {max-age: 1d, min-age: 2d}\n");
    CHECK(files.errors() ==
          "cachefilesd.yaml:2:9: limits.brun: x: must be a whole percentage from 0% to 99%\n"
          "cachefilesd.yaml:5:1: no-such-key: unknown key\n"
          "cachefilesd.yaml.d/1.yaml:1:14: cache.tag: \"\": must not be empty\n"
          // bcull is not compared with brun, which nobody knows
          "cachefilesd.yaml:4:9: limits.frun: 3%: must be more than limits.fcull (5%, default)\n"
          "cachefilesd.yaml.d/2.yaml:1:32: limits.min-age: 2d: must be less than limits.max-age "
          "(1d)\n");
}

TEST_CASE("load: a file of another kind does not flood the journal") {
    ConfigFiles files;
    std::string log;
    for (int i = 0; i < 5000; ++i)
        log += "Nov 23 01:04:51 host kernel: something\n";
    files.write("cachefilesd.conf", log);
    const std::expected<LoadedConfig, Diagnostics> result = load(files.request);
    REQUIRE_FALSE(result);
    CHECK(result.error().size() == 101);
    CHECK(result.error().back().to_string() == "and 4900 more errors");
}

TEST_CASE("load: $STATE_DIRECTORY is the default of the index directory") {
    ConfigFiles files;
    files.request.state_directory = "/var/lib/one:/var/lib/two";
    CHECK(loaded(files).config.index.directory == "/var/lib/one");
    CHECK(loaded(files).origins.of("index.directory").text() == "environment STATE_DIRECTORY");
    files.write("cachefilesd.yaml", "index: {directory: /srv/index}\n");
    CHECK(loaded(files).config.index.directory == "/srv/index");
    files.request.state_directory = "relative";
    CHECK(files.errors() == "environment STATE_DIRECTORY: index.directory: relative: must be an "
                            "absolute path\n");
}

TEST_CASE("load: -N and -d count more than files") {
    ConfigFiles files;
    files.write("cachefilesd.yaml", "culling: {enabled: true}\ndaemon: {log-level: error}\n");
    files.request.no_culling = true;
    files.request.debug = 2;
    const LoadedConfig result = loaded(files);
    CHECK_FALSE(result.config.culling.enabled);
    CHECK(result.config.daemon.log_level == Severity::debug);
    CHECK(result.origins.of("culling.enabled").text() == "option -N");
    CHECK(result.origins.of("daemon.log-level").text() == "option -d");
}

TEST_CASE("load: a request from the command line and the environment") {
    Options options;
    options.config_file = "some.yaml";
    options.no_culling = true;
    options.debug = 1;
    ::setenv("STATE_DIRECTORY", "/var/lib/x", 1);
    LoadRequest request = LoadRequest::from(options);
    ::unsetenv("STATE_DIRECTORY");
    CHECK(request.file == std::filesystem::absolute("some.yaml")); // a daemon changes directory
    CHECK(request.no_culling);
    CHECK(request.debug == 1);
    CHECK(request.state_directory == "/var/lib/x");
    CHECK(request.etc == "/etc");
    options.action = Options::Action::check;
    request = LoadRequest::from(options);
    CHECK(request.file == "some.yaml"); // messages name it as it was given
    CHECK_FALSE(request.state_directory);
}

TEST_CASE("load: $RUNTIME_DIRECTORY is where the socket is by default") {
    ConfigFiles files;
    files.request.runtime_directory = "/run/one:/run/two";
    CHECK(loaded(files).config.user.socket == "/run/one/netfs");
    CHECK(loaded(files).origins.of("user.socket").text() == "environment RUNTIME_DIRECTORY");
    files.write("cachefilesd.yaml", "user: {socket: /srv/netfs}\n");
    CHECK(loaded(files).config.user.socket == "/srv/netfs");
}
