// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/reload.hpp"
#include "tests/unit/daemon/config_files.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

using Texts = std::vector<std::string>;

ReloadEffects effects(std::string_view after) {
    return reload_effects(Config(), yaml(after).config());
}

} // namespace

TEST_CASE("reload: nothing has changed") {
    CHECK_FALSE(reload_effects(Config(), Config()).any());
    CHECK_FALSE(effects("limits: {brun: 7}\nindex: {page-cache: 49152K}\n").any());
}

TEST_CASE("reload: what takes effect at once") {
    const ReloadEffects result =
        effects("limits: {max-size: 500G, min-age: 1h}\nculling: {enabled: no}\n"
                "daemon: {log-level: debug, space-check-interval: 20s}\n"
                "volumes: [{match: \"nfs,*\", pin: true}]\n");
    CHECK(result.any());
    CHECK(result.at_once == Texts{"limits.max-size: none -> 500GiB", "limits.min-age: 0s -> 1h",
                                  "culling.enabled: true -> false",
                                  "daemon.log-level: info -> debug",
                                  "daemon.space-check-interval: 10s -> 20s",
                                  "volumes[0]: none -> match: nfs,*, pin: true"});
    CHECK(result.rebind.empty());
    CHECK(result.restart.empty());
}

TEST_CASE("reload: watermarks, with the driver and with the user backend") {
    const Texts changes{"limits.brun: 7% -> 20%", "limits.fstop: 1% -> 0%"};
    const ReloadEffects driver = effects("limits: {brun: 20%, fstop: 0%}\n");
    CHECK(driver.at_once.empty());
    CHECK(driver.rebind == changes);
    const Config before = yaml("daemon: {backend: user}\n").config();
    const Config after = yaml("daemon: {backend: user}\nlimits: {brun: 20%, fstop: 0%}\n").config();
    CHECK(reload_effects(before, after).at_once == changes);
    CHECK(reload_effects(before, after).rebind.empty());
}

TEST_CASE("reload: what the driver takes at bind, and what needs a restart") {
    const ReloadEffects result =
        effects("cache: {directory: /c, tag: t, security-context: s, device: /d, kernel-debug: 7}\n"
                "index: {directory: /i, page-cache: 1M, touch-granularity: 1s, "
                "commit-interval: 1s, reserve: 0}\ndaemon: {events: off, scan-threads: 2}\n");
    CHECK(result.at_once.empty());
    CHECK(result.rebind == Texts{"cache.directory: /var/cache/fscache -> /c",
                                 "cache.tag: CacheFiles -> t", "cache.security-context: none -> s",
                                 "cache.device: /dev/cachefiles -> /d",
                                 "cache.kernel-debug: none -> 0x7"});
    CHECK(result.restart == Texts{"index.directory: /var/lib/cachefilesd -> /i",
                                  "index.page-cache: 48MiB -> 1MiB",
                                  "index.touch-granularity: 1min -> 1s",
                                  "index.commit-interval: 5s -> 1s", "index.reserve: 8MiB -> 0",
                                  "daemon.events: auto -> off", "daemon.scan-threads: 4 -> 2"});
}

TEST_CASE("reload: rules for volumes") {
    const Config before = yaml("volumes: [{match: a}, {match: b, max-size: 1G}]\n").config();
    CHECK(reload_effects(before, Config()).at_once ==
          Texts{"volumes[0]: match: a -> none", "volumes[1]: match: b, max-size: 1GiB -> none"});
}
