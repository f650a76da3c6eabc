// SPDX-License-Identifier: GPL-2.0-or-later
// Each finding is planted below a root of the test's own.
#include "ctl/doctor/checks.hpp"
#include "ctl/view/doctor_view.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace cachefiles;
using namespace cachefiles::ctl::doctor;
using Level = Finding::Level;
using cachefiles::tests::TemporaryDirectory;

namespace {

namespace fs = std::filesystem;

struct Planted {
    TemporaryDirectory directory;
    Machine machine{directory.path()};
    daemon::Config config;

    void file(const fs::path& path, const std::string& text = "") const {
        fs::create_directories(machine.at(path).parent_path());
        std::ofstream(machine.at(path)) << text;
    }
    void folder(const fs::path& path) const { fs::create_directories(machine.at(path)); }
    void link(const fs::path& path, const std::string& target) const {
        fs::create_directories(machine.at(path).parent_path());
        fs::create_symlink(target, machine.at(path));
    }
    void process(const std::string& id, const std::string& name) const {
        file("/proc/" + id + "/comm", name + "\n");
    }
    /// Lines as "POINT TYPE OPTIONS".
    void mount(const std::string& point, const std::string& type,
               const std::string& options) const {
        fs::create_directories(machine.at("/proc/self"));
        std::ofstream(machine.at("/proc/self/mountinfo"), std::ios::app)
            << "21 1 8:1 / " << point << " " << options << " shared:1 - " << type
            << " /dev/sda1 rw\n";
    }
};

/// The worst of them; the text and remedy of what is not good.
std::pair<Level, std::string> worst(const Findings& findings) {
    std::pair<Level, std::string> result{Level::good, ""};
    for (const Finding& each : findings) {
        CHECK((each.level == Level::good) == each.remedy.empty());
        if (each.level > result.first)
            result = {each.level, each.text + " -> " + each.remedy};
    }
    CHECK(!findings.empty());
    return result;
}

bool says(const std::pair<Level, std::string>& found, Level level, std::string_view text) {
    CAPTURE(found.second);
    return found.first == level && found.second.find(text) != std::string::npos;
}

} // namespace

TEST_CASE("module: loaded, to be loaded, built in, missing") {
    const Planted planted;
    planted.file("/proc/sys/kernel/osrelease", "6.1.0-49-amd64\n");
    CHECK(says(worst(check_module(planted.machine, {})), Level::error,
               "the kernel 6.1.0-49-amd64 has no driver"));
    planted.file("/lib/modules/6.1.0-49-amd64/modules.dep",
                 "kernel/fs/cachefiles/cachefiles.ko: kernel/fs/fscache/fscache.ko\n");
    CHECK(says(worst(check_module(planted.machine, {})), Level::error, "modprobe cachefiles"));
    planted.file("/lib/modules/6.1.0-49-amd64/modules.builtin",
                 "kernel/fs/cachefiles/cachefiles.ko\n");
    CHECK(says(worst(check_module(planted.machine, {})), Level::error, "built in"));
    planted.folder("/sys/module/cachefiles");
    CHECK(worst(check_module(planted.machine, {})).first == Level::good);
}

TEST_CASE("module: of a list that is long, and of a device that another daemon serves") {
    Planted planted;
    planted.file("/proc/sys/kernel/osrelease", "6.12.1\n");
    planted.file("/lib/modules/6.12.1/modules.dep",
                 std::string(3 << 20, '\n') + "kernel/fs/cachefiles/cachefiles.ko.xz:\n");
    CHECK(says(worst(check_module(planted.machine, {})), Level::error, "is not loaded"));
    planted.config.cache.device = "/run/other/dev/cachefiles";
    CHECK(worst(check_module(planted.machine, planted.config)).first == Level::good);
    CHECK(says(worst(check_device(planted.machine, planted.config)), Level::error,
               "start the daemon that serves it"));
}

TEST_CASE("device: missing, free, held by us, by somebody else") {
    const Planted planted;
    CHECK(check_device(planted.machine, {}).empty()); // that there is no driver is said already
    planted.folder("/sys/module/cachefiles");
    CHECK(says(worst(check_device(planted.machine, {})), Level::error, "the driver is loaded"));
    planted.file("/dev/cachefiles");
    CHECK(says(worst(check_device(planted.machine, {})), Level::note, "nobody has"));
    planted.process("1", "systemd");
    planted.link("/proc/1/fd/60", "/dev/cachefiles");
    CHECK(says(worst(check_device(planted.machine, {})), Level::note, "kept for the daemon"));
    planted.process("17", "cachefilesd");
    planted.link("/proc/17/fd/5", "/dev/cachefiles");
    CHECK(check_device(planted.machine, {}).front().text.ends_with("(process 17)"));
    planted.process("99", "nydusd");
    planted.link("/proc/99/fd/3", "/dev/cachefiles");
    CHECK(says(worst(check_device(planted.machine, {})), Level::error, "nydusd (process 99)"));
}

TEST_CASE("device: kept over a restart, when the mount is gone by which it was opened") {
    const Planted planted;
    planted.file("/dev/cachefiles");
    planted.process("18", "cachefilesd");
    planted.link("/proc/18/fd/4", "/cachefiles");
    CHECK(worst(check_device(planted.machine, {})).first == Level::good);
}

TEST_CASE("features of the file system: each that is missing") {
    using Answer = Features::Answer;
    Features good;
    good.tmpfile = good.user_xattr = good.direct_io = Answer::yes;
    good.block_size = 4096;
    CHECK(worst(check_features(good, {})).first == Level::good);
    const auto without = [&](auto member) {
        Features features = good;
        features.*member = Answer::no;
        return worst(check_features(features, {}));
    };
    CHECK(says(without(&Features::tmpfile), Level::error, "O_TMPFILE"));
    CHECK(says(without(&Features::user_xattr), Level::error, "extended attributes"));
    CHECK(says(without(&Features::direct_io), Level::error, "O_DIRECT"));
    CHECK(without(&Features::trusted_xattr).first == Level::good);
    Features large = good;
    large.block_size = 65536;
    CHECK(says(worst(check_features(large, {})), Level::error, "larger than a page"));
    Features frozen = good;
    frozen.read_only = true;
    CHECK(check_features(frozen, {}).empty()); // its mount says so
    const auto failed = [](int error, const std::string& directory) {
        Features features;
        features.directory = directory;
        features.error = error;
        daemon::Config config;
        config.cache.directory = directory;
        return worst(check_features(features, config));
    };
    CHECK(probe("/no/such/directory").error == ENOENT);
    CHECK(says(failed(ENOENT, "/srv/cache"), Level::warning, "mkdir -p /srv/cache"));
    CHECK(says(failed(ENOENT, "/var/cache/fscache"), Level::warning, "which makes it"));
    CHECK(says(failed(EACCES, "/srv/cache"), Level::warning, "as root"));
    CHECK(says(failed(ENOSPC, "/srv/cache"), Level::warning, "make room"));
    CHECK(says(failed(EIO, "/srv/cache"), Level::warning, "dmesg"));
}

TEST_CASE("the probe leaves nothing behind") {
    const TemporaryDirectory directory;
    const Features features = probe(directory.path());
    CHECK(features.error == 0);
    CHECK(features.block_size > 0);
    CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("mount: read-only, unsuitable, and what access times are worth") {
    using daemon::BackendKind;
    const auto found = [](const std::string& type, const std::string& options,
                          daemon::Events events, BackendKind backend = BackendKind::kernel) {
        Planted planted;
        planted.config.daemon.backend = backend;
        planted.mount("/", "ext4", "rw,relatime");
        planted.mount("/var/cache", type, options);
        planted.config.daemon.events = events;
        return worst(check_mount(planted.machine, planted.config));
    };
    using daemon::Events;
    CHECK(found("ext4", "rw,noatime", Events::automatic).first == Level::good);
    CHECK(says(found("ext4", "rw,noatime", Events::off), Level::warning, "stored first"));
    CHECK(says(found("ext4", "rw,relatime", Events::off), Level::warning, "to the day"));
    CHECK(says(found("ext4", "rw", Events::off), Level::note, "by scanning"));
    CHECK(says(found("tmpfs", "rw", Events::automatic), Level::error, "tmpfs"));
    CHECK(found("zfs", "rw", Events::automatic).first == Level::error);
    CHECK(found("zfs", "rw", Events::off, BackendKind::user).first == Level::good);
    CHECK(says(found("tmpfs", "rw", Events::off, BackendKind::user), Level::warning, "a boot"));
    CHECK(found("nfs4", "rw", Events::off, BackendKind::user).first == Level::error);
    CHECK(says(found("xfs", "ro,relatime", Events::automatic), Level::error, "read-only"));
    const Planted shared;
    shared.mount("/", "ext4", "rw");
    shared.mount("/var/cachexyz", "tmpfs", "rw"); // another directory
    CHECK(says(worst(check_mount(shared.machine, {})), Level::note, "root file system"));
}

TEST_CASE("clients: none, without fsc, with sync") {
    const Planted planted;
    planted.mount("/", "ext4", "rw");
    CHECK(says(worst(check_clients(planted.machine, {})), Level::note, "no network"));
    planted.mount("/home", "nfs4", "rw,vers=4.2");
    CHECK(says(worst(check_clients(planted.machine, {})), Level::warning, "none of 1"));
    planted.mount("/srv", "nfs4", "rw,fsc");
    CHECK(worst(check_clients(planted.machine, {})).first == Level::good);
    // As 6.1, 6.4 and 6.19 show it.
    for (const char* const mode : {"fscache", "cache=fscache", "cache=8f", "cache=0x8f"}) {
        const Planted virtual_machine;
        virtual_machine.mount("/srv", "9p", "rw,relatime," + std::string(mode) + ",access=client");
        CAPTURE(mode);
        CHECK(worst(check_clients(virtual_machine.machine, {})).first == Level::good);
    }
    for (const char* const mode : {"loose", "cache=loose", "cache=f", "cache=5", "fscache2"}) {
        const Planted virtual_machine;
        virtual_machine.mount("/srv", "9p", "rw," + std::string(mode));
        CAPTURE(mode);
        CHECK(worst(check_clients(virtual_machine.machine, {})).first == Level::warning);
    }
    planted.mount("/a\\040b", "nfs", "rw,sync,fsc");
    CHECK(says(worst(check_clients(planted.machine, {})), Level::warning, "/a b is mounted with"));
}

TEST_CASE("security: a context that nobody knows, a policy for another place") {
    Planted planted;
    CHECK(worst(check_security(planted.machine, planted.config)).first == Level::good);
    planted.config.cache.security_context = "system_u:system_r:x:s0";
    CHECK(says(worst(check_security(planted.machine, planted.config)), Level::error, "secctx"));
    planted.config.daemon.backend = daemon::BackendKind::user; // which does not use it
    CHECK(worst(check_security(planted.machine, planted.config)).first == Level::good);
    planted.config.daemon.backend = daemon::BackendKind::kernel;
    planted.file("/sys/kernel/security/lsm", "capability,selinux");
    planted.file("/sys/fs/selinux/enforce", "1");
    CHECK(worst(check_security(planted.machine, planted.config)).first == Level::good);
    planted.config.cache.directory = "/srv/cache";
    CHECK(says(worst(check_security(planted.machine, planted.config)), Level::note, "semanage"));
    planted.file("/sys/kernel/security/apparmor/profiles", "/usr/sbin/cachefilesd (enforce)\n");
}

TEST_CASE("limits: descriptors of the user backend, inotify watches") {
    Planted planted;
    planted.process("17", "cachefilesd");
    planted.file("/proc/17/limits", "Limit  Soft Limit  Hard Limit  Units\n"
                                    "Max open files            1024                 4096  files\n");
    CHECK(worst(check_limits(planted.machine, planted.config)).first == Level::good);
    planted.config.daemon.backend = daemon::BackendKind::user;
    CHECK(says(worst(check_limits(planted.machine, planted.config)), Level::warning, "1024 files"));
    planted.config = {};
    planted.config.daemon.events = daemon::Events::inotify;
    planted.file("/proc/sys/fs/inotify/max_user_watches", "128\n");
    CHECK(says(worst(check_limits(planted.machine, planted.config)), Level::warning, "128"));
}

TEST_CASE("index: not there, damaged, read-only") {
    const Planted planted;
    CHECK(worst(check_index(planted.machine, {})).first == Level::note);
    planted.file("/var/lib/cachefilesd/CacheFiles.db", "12345");
    CHECK(worst(check_index(planted.machine, {})).first == Level::good);
    planted.file("/var/lib/cachefilesd/CacheFiles.db.corrupt-1");
    CHECK(says(worst(check_index(planted.machine, {})), Level::warning, "moved aside"));
    planted.mount("/", "ext4", "ro");
    CHECK(says(worst(check_index(planted.machine, {})), Level::error, "read-only"));
}

TEST_CASE("kernel: what is known against it") {
    const auto found = [](const std::string& release) {
        const Planted planted;
        planted.file("/proc/sys/kernel/osrelease", release + "\n");
        return worst(check_kernel(planted.machine, {}));
    };
    CHECK(says(found("5.10.0-28-amd64"), Level::error, "another layout"));
    CHECK(says(found("5.17.1"), Level::warning, "corrupt"));
    CHECK(says(found("6.1.0-49-amd64"), Level::note, "MB/s"));
    CHECK(found("6.12.94").first == Level::good);
    CHECK(says(found("strange"), Level::note, "cannot be read"));
    const Planted proxy;
    proxy.file("/proc/sys/kernel/osrelease", "6.12.94\n");
    proxy.file("/proc/fs/nfsd/threads", "8\n");
    proxy.mount("/srv", "nfs4", "rw,fsc");
    const Findings of_proxy = check_kernel(proxy.machine, {});
    REQUIRE(of_proxy.size() == 2);
    CHECK(says(worst({of_proxy[0]}), Level::note, "can deadlock"));
    CHECK(says(worst({of_proxy[1]}), Level::note, "fsid=0"));
}

TEST_CASE("unit: missing, disabled, masked; the older daemon") {
    const Planted planted;
    CHECK(says(worst(check_unit(planted.machine)), Level::warning, "there is no unit"));
    planted.file("/lib/systemd/system/cachefilesd.service");
    CHECK(says(worst(check_unit(planted.machine)), Level::warning, "enable --now"));
    planted.link("/etc/systemd/system/multi-user.target.wants/cachefilesd.service",
                 "/lib/systemd/system/cachefilesd.service");
    CHECK(worst(check_unit(planted.machine)).first == Level::good);
    planted.process("7", "cachefilesd");
    planted.file("/proc/7/maps", "7f /usr/lib/x86_64-linux-gnu/libsqlite3.so.0\n");
    CHECK(worst(check_unit(planted.machine)).first == Level::good);
    planted.file("/proc/7/maps", "7f /usr/lib/x86_64-linux-gnu/libc.so.6\n");
    CHECK(says(worst(check_unit(planted.machine)), Level::error, "process 7"));
    const Planted masked;
    masked.link("/etc/systemd/system/cachefilesd.service", "/dev/null");
    CHECK(says(worst(check_unit(masked.machine)), Level::error, "unmask"));
    CHECK_FALSE(UnitFile::of(masked.machine));
}

TEST_CASE("defaults: of the older package, as the unit takes them") {
    const auto found = [](const std::string& text, const std::string& unit) {
        const Planted planted;
        planted.file("/etc/default/cachefilesd", text);
        planted.file("/lib/systemd/system/cachefilesd.service", unit);
        Findings findings =
            check_defaults(read_defaults(planted.machine, UnitFile::of(planted.machine)));
        findings.push_back({Level::good, "", "", ""});
        return worst(findings);
    };
    const std::string unit = "[Service]\nExecStart=/usr/sbin/cachefilesd -n $DAEMON_OPTS\n";
    // As Debian 12 has it, and with what the older service wanted to be started.
    CHECK(found("# comment\n#RUN=yes\n\nDAEMON_OPTS=\"\"\n", unit).first == Level::good);
    CHECK(found("RUN=yes\nDAEMON_OPTS=\"-N -f /etc/c.yaml\"\n", unit).first == Level::good);
    CHECK(says(found("RUN=no\n", unit), Level::note, "systemctl disable --now"));
    CHECK(says(found("DAEMON_OPTS=\"-x\"\n", unit), Level::error, "does not start"));
    CHECK(says(found("DAEMON_OPTS=-N\n", "ExecStart=/usr/local/sbin/cachefilesd -n\n"), Level::note,
               "has no effect"));
}

TEST_CASE("defaults: the configuration is looked at as the daemon has it") {
    const Planted planted;
    planted.file("/lib/systemd/system/cachefilesd.service",
                 "ExecStart=/usr/sbin/cachefilesd -n $DAEMON_OPTS\n");
    planted.file("/etc/default/cachefilesd", "DAEMON_OPTS=\"-N -f /srv/c.yaml\"\n");
    planted.file("/srv/c.yaml", "daemon: {backend: user}\n");
    const Defaults defaults = read_defaults(planted.machine, UnitFile::of(planted.machine));
    const LoadResult loaded = daemon::load(request_of(planted.machine, defaults));
    REQUIRE(loaded);
    CHECK(loaded->config.daemon.backend == daemon::BackendKind::user);
    CHECK(says(worst(check_configuration(loaded)), Level::warning, "take -N out of DAEMON_OPTS"));
}

TEST_CASE("unit: what it does not let the daemon do") {
    Planted planted;
    const auto found = [&] {
        Findings findings = check_sandbox(UnitFile::of(planted.machine), planted.config);
        findings.push_back({Level::good, "", "", ""});
        return worst(findings);
    };
    planted.config.cache.directory = "/srv/cache";
    CHECK(found().first == Level::good); // there is no unit
    planted.file(
        "/lib/systemd/system/cachefilesd.service",
        "[Service]\n# ProtectSystem=no\nProtectSystem = strict\nDevicePolicy=closed\n"
        "CacheDirectory=fscache\nStateDirectory=cachefilesd\nRuntimeDirectory=cachefilesd\n"
        "DeviceAllow=/dev/cachefiles rw\nReadWritePaths=-/etc/cachefilesd.yaml.d\n");
    CHECK(says(found(), Level::error, "ReadWritePaths=/srv/cache"));
    planted.config.cache.directory = "/var/cache/fscache";
    CHECK(found().first == Level::good);
    planted.config.metrics.textfile = "/var/lib/prometheus/node-exporter/c.prom";
    CHECK(says(found(), Level::warning, "ReadWritePaths=/var/lib/prometheus/node-exporter"));
    planted.file("/etc/systemd/system/cachefilesd.service.d/a.conf",
                 "[Service]\nReadWritePaths=/srv/ \\\n /var/lib/prometheus\n");
    planted.config.cache.directory = "/srv/cache";
    CHECK(found().first == Level::good);
    planted.config.index.directory = "/opt/index";
    CHECK(says(found(), Level::error, "index.directory"));
    planted.config.index.directory = "/var/lib/cachefilesd";
    planted.config.daemon.backend = daemon::BackendKind::user;
    CHECK(found().first == Level::good);
    planted.config.user.device = true;
    CHECK(says(found(), Level::error, "user-device.conf"));
    CHECK(says(worst(check_device(planted.machine, planted.config)), Level::error, "/dev/fuse"));
    std::ifstream example(CACHEFILESD_SOURCE "/units/examples/user-device.conf");
    planted.file("/run/systemd/system/cachefilesd.service.d/b.conf",
                 {std::istreambuf_iterator<char>(example), {}});
    planted.config.cache.directory = "/opt";
    CHECK(found().first == Level::good);
    planted.file("/dev/fuse");
    CHECK(check_device(planted.machine, planted.config).empty());
}

TEST_CASE("the daemon that runs counts more than the configuration") {
    daemon::Config config; // of the kernel backend
    ctl::Snapshot snapshot;
    snapshot.backend = "user";
    snapshot.caches.emplace_back().directory = "/srv/cache";
    snapshot.caches.front().tag = "other";
    const Findings findings = check_running(snapshot, config);
    REQUIRE(findings.size() == 2);
    CHECK(says(worst({findings[0]}), Level::warning,
               "the backend user, and is configured for kernel"));
    CHECK(says(worst({findings[1]}), Level::warning, "the directory /srv/cache"));
    CHECK(config.daemon.backend == daemon::BackendKind::user);
    CHECK(config.cache.directory == "/srv/cache");
    CHECK(config.cache.tag == "other");
    CHECK(check_running(snapshot, config).empty());
    // Nothing of the kernel's part is looked at, then.
    const Planted planted;
    CHECK(check_device(planted.machine, config).empty());
    CHECK(check_clients(planted.machine, config).empty());
    CHECK(check_kernel(planted.machine, config).empty());
    CHECK(worst(check_module(planted.machine, config)).first == Level::good);
    snapshot.backend = "device";
    snapshot.caches.clear();
    CHECK(has_cache(config));
    CHECK(check_running(snapshot, config).empty());
    CHECK(config.user.has_device());
    CHECK_FALSE(has_cache(config));
}

TEST_CASE("configuration: errors, and what has no effect") {
    const Planted planted;
    const auto loaded = [&] {
        daemon::LoadRequest request;
        request.etc = planted.machine.at("/etc");
        return worst(check_configuration(daemon::load(request)));
    };
    CHECK(loaded().first == Level::good);
    planted.file("/etc/cachefilesd.conf", "nocull\n");
    CHECK(says(loaded(), Level::warning, "nothing is culled"));
    planted.file("/etc/cachefilesd.yaml", "limits: {bcull: 5%}\n");
    CHECK(says(loaded(), Level::note, "is not read"));
    planted.file("/etc/cachefilesd.yaml", "limits: {bcul: 5%}\n");
    CHECK(says(loaded(), Level::error, "did you mean limits.bcull"));
}

TEST_CASE("the view has each finding with its remedy, in 80 columns") {
    const Findings findings{
        {Level::good, "module", "the driver cachefiles is there", ""},
        {Level::error, "device",
         "/dev/cachefiles is held by nydusd (process 99), and only one may have it",
         "stop that program: systemctl status 99"}};
    CHECK(ctl::doctor_view(findings, {}) ==
          R"(good     module         the driver cachefiles is there
error    device         /dev/cachefiles is held by nydusd (process 99), and only
                        one may have it
                        -> stop that program: systemctl status 99

1 errors, 0 warnings, 0 notes
)");
    CHECK(ctl::any_wrong(findings));
    CHECK(ctl::doctor_json(findings)["healthy"] == false);
}
