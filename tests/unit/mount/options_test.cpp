// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/options.hpp"

#include <doctest/doctest.h>

#include <sys/mount.h>

#include <vector>

namespace cachefiles::tests {
namespace {

using mount::Action;
using mount::Command;
using mount::Options;
using mount::parse_command;
using mount::parse_mount_options;

std::expected<Command, std::string> parse(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return parse_command(static_cast<int>(words.size()), arguments.data());
}

std::string error_of(std::string_view list) {
    Options options;
    const std::expected<void, std::string> outcome = parse_mount_options(list, options);
    return outcome ? "" : outcome.error();
}

} // namespace

TEST_CASE("mount options: as fstab and mount(8) give them") {
    Options options;
    REQUIRE(parse_mount_options("rw,_netdev,nofail,x-systemd.automount,noexec,suid,user=me,"
                                "revalidate=5m,timeout=10,readahead=8MiB,cache=tag,socket=/s,"
                                "nopassthrough,fsname=host:/x,,defaults",
                                options));
    CHECK_FALSE(options.read_only);
    CHECK(options.revalidate == std::chrono::minutes(5));
    CHECK(options.directories == std::chrono::minutes(5));
    CHECK(options.time_out == std::chrono::seconds(10));
    CHECK(options.read_ahead == 8U << 20);
    CHECK(options.cache == "tag");
    CHECK(options.socket == "/s");
    CHECK(options.fs_name == "host:/x");
    CHECK_FALSE(options.passthrough);
    CHECK((options.flags & MS_NOEXEC) != 0);
    CHECK((options.flags & MS_NOSUID) == 0);
}

TEST_CASE("mount options: the last one counts") {
    Options options;
    REQUIRE(parse_mount_options("rw,ro,nosuid,suid,dev,nodev", options));
    CHECK(options.read_only);
    CHECK((options.flags & MS_NOSUID) == 0);
    CHECK((options.flags & MS_NODEV) != 0);
}

TEST_CASE("mount options: what is wrong is named") {
    CHECK(error_of("rw,bogus") == "bogus: no such option");
    CHECK(error_of("bogus=1") == "bogus: no such option");
    CHECK(error_of("revalidate") == "revalidate: has no value");
    CHECK(error_of("cache=") == "cache: has no value");
    CHECK(error_of("revalidate=soon").starts_with("revalidate=soon: "));
    CHECK(error_of("readahead=2GiB").starts_with("readahead=2GiB: "));
    CHECK(error_of("timeout=-1").starts_with("timeout=-1: "));
}

TEST_CASE("mount command: the program and mount(8)'s helper") {
    const std::expected<Command, std::string> program =
        parse({"cachefiles-mount", "/a", "/b", "-f", "-o", "rw"});
    REQUIRE(program);
    CHECK(program->action == Action::mount);
    CHECK(program->options.foreground);
    CHECK(program->options.source == "/a");
    CHECK(program->options.mount_point == "/b");
    CHECK((program->options.flags & (MS_NOSUID | MS_NODEV)) == (MS_NOSUID | MS_NODEV));

    const std::expected<Command, std::string> helper =
        parse({"/sbin/mount.cachefiles", "/a", "/b", "-n", "-s", "-v", "-o", "ro"});
    REQUIRE(helper);
    CHECK(helper->action == Action::mount);
    CHECK_FALSE(helper->options.foreground);
    const std::expected<Command, std::string> dry =
        parse({"mount.cachefiles", "/a", "/b", "-f", "-o", "ro"});
    REQUIRE(dry);
    CHECK(dry->action == Action::nothing);

    CHECK_FALSE(parse({"cachefiles-mount", "/a"}));
    CHECK_FALSE(parse({"cachefiles-mount", "/a", "/b", "/c"}));
    CHECK_FALSE(parse({"cachefiles-mount", "-x", "/a", "/b"}));
    CHECK(parse({"cachefiles-mount", "--help"})->action == Action::help);
}

} // namespace cachefiles::tests
