// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "daemon/kernel/binder.hpp"
#include "daemon/kernel/binding_record.hpp"
#include "protocol/command.hpp"
#include "protocol/command_argument.hpp"
#include "protocol/limit_window.hpp"
#include "tests/unit/kernel/fake_device.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

/// Answers limit commands as the driver does.
struct LimitsOfTheDriver {
    protocol::Limits limits;

    int operator()(const std::string& text) {
        const auto command = protocol::parse_command(text, protocol::DriverBuild::plain);
        if (!command)
            return command.error();
        if (!protocol::is_limit(command->verb))
            return 0;
        const auto percent = protocol::parse_percent(command->argument);
        return percent ? limits.write(command->verb, *percent) : percent.error();
    }
};

std::string refusal(FakeDevice& device, const CacheSettings& settings) {
    try {
        bind_cache(device, settings, {});
    } catch (const SystemError& error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("the cache is configured first and bound last") {
    FakeDevice device;
    CacheSettings settings;
    settings.directory = "/var/cache/with space";
    settings.tag = "t";
    settings.kernel_debug = 4;
    bind_cache(device, settings, {});
    REQUIRE(device.commands.size() >= 4);
    CHECK(device.commands.back() == "bind");
    const auto end = device.commands.end();
    CHECK(std::find(device.commands.begin(), end, "dir /var/cache/with space") != end);
    CHECK(std::find(device.commands.begin(), end, "tag t") != end);
    CHECK(std::find(device.commands.begin(), end, "debug 4") != end);
}

TEST_CASE("limits below and above the driver's own are all accepted") {
    for (const cull::Watermarks::Window window :
         {cull::Watermarks::Window{3, 2, 1}, {99, 98, 97}, {2, 1, 0}, {60, 55, 50}, {8, 2, 0}}) {
        FakeDevice device;
        LimitsOfTheDriver driver;
        device.answer = std::ref(driver);
        bind_cache(device, {}, {window, window});
        CHECK(driver.limits.blocks == protocol::Window{window.run, window.cull, window.stop});
        CHECK(driver.limits.files == protocol::Window{window.run, window.cull, window.stop});
    }
}

TEST_CASE("a refusal names the command and what to do") {
    FakeDevice device;
    device.answer = [](const std::string& command) {
        return command == "bind" ? EOPNOTSUPP : 0;
    };
    const std::string text = refusal(device, {});
    CHECK(text.find("\"bind\"") != std::string::npos);
    CHECK(text.find("xattrs") != std::string::npos);
    CHECK(text.find("Operation not supported") != std::string::npos);

    CacheSettings settings;
    settings.security_context = "system_u:system_r:cachefiles_kernel_t:s0";
    device.answer = [](const std::string& command) {
        return command.starts_with("secctx") ? ENOENT : 0;
    };
    CHECK(refusal(device, settings).find("no security module") != std::string::npos);
}

TEST_CASE("what the command language cannot say is not sent") {
    FakeDevice device;
    CacheSettings settings;
    settings.directory = "/with\nnewline";
    CHECK_FALSE(refusal(device, settings).empty());
    for (const std::string& command : device.commands)
        CHECK_FALSE(command.starts_with("dir"));
}

TEST_CASE("the record of a binding tells settings apart, and survives in a memory file") {
    const CacheSettings settings;
    const std::string record = binding_record(settings, {});
    const Fd file = make_binding_file(record);
    CHECK(read_binding_file(file.get()) == record);
    CHECK(read_binding_file(-1).empty());
    CacheSettings other = settings;
    other.tag = "other";
    CHECK(binding_record(other, {}) != record);
    other = settings;
    other.device = "/other";
    CHECK(binding_record(other, {}) != record);
    other = settings;
    other.kernel_debug = 0;
    CHECK(binding_record(other, {}) != record);
    CHECK(binding_record(settings, {{8, 5, 1}, {}}) != record);
}

TEST_CASE("a dead cache answers EIO to the empty command, a living one does not know it") {
    FakeDevice device;
    device.answer = [](const std::string&) {
        return EOPNOTSUPP;
    };
    CHECK(device.alive());
    CHECK(device.commands == std::vector<std::string>{""});
    device.answer = [](const std::string&) {
        return EIO;
    };
    CHECK_FALSE(device.alive());
}
