// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/options.hpp"

#include "base/units.hpp"

#include <fmt/format.h>

#include <getopt.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

namespace cachefiles::mount {
namespace {

struct Flag {
    std::string_view name;
    unsigned long set;
    unsigned long cleared;
};

/// mount(8)'s options that are flags of mount(2).
constexpr std::array flags{
    Flag{"nosuid", MS_NOSUID, 0},
    Flag{"suid", 0, MS_NOSUID},
    Flag{"nodev", MS_NODEV, 0},
    Flag{"dev", 0, MS_NODEV},
    Flag{"noexec", MS_NOEXEC, 0},
    Flag{"exec", 0, MS_NOEXEC},
    Flag{"sync", MS_SYNCHRONOUS, 0},
    Flag{"async", 0, MS_SYNCHRONOUS},
    Flag{"dirsync", MS_DIRSYNC, 0},
    Flag{"noatime", MS_NOATIME, 0},
    Flag{"atime", 0, MS_NOATIME},
    Flag{"nodiratime", MS_NODIRATIME, 0},
    Flag{"diratime", 0, MS_NODIRATIME},
    Flag{"relatime", MS_RELATIME, 0},
    Flag{"norelatime", 0, MS_RELATIME},
    Flag{"strictatime", MS_STRICTATIME, 0},
    Flag{"nostrictatime", 0, MS_STRICTATIME},
};

/// For mount(8), systemd and the like; nothing to a file system.
constexpr std::array<std::string_view, 13> for_others{
    "defaults", "auto",   "noauto",  "user", "nouser", "users", "owner",
    "group",    "nofail", "_netdev", "mand", "nomand", "silent"};

bool is_for_others(std::string_view name) {
    return std::ranges::find(for_others, name) != for_others.end() || name.starts_with("x-") ||
           name.starts_with("X-") || name.starts_with("comment=");
}

bool set_flag(std::string_view name, Options& options) {
    const auto found = std::ranges::find(flags, name, &Flag::name);
    if (found == flags.end())
        return false;
    options.flags = (options.flags & ~found->cleared) | found->set;
    return true;
}

std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
    const std::optional<Seconds> parsed = parse_duration(text);
    if (!parsed)
        return {};
    return std::chrono::seconds(*parsed);
}

bool set_word(std::string_view word, Options& options) {
    if (word == "ro" || word == "rw")
        options.read_only = word == "ro";
    else if (word == "immutable")
        options.immutable = true;
    else if (word == "allow_other")
        options.allow_other = true;
    else if (word == "noallow_other")
        options.allow_other = false;
    else if (word == "passthrough" || word == "nopassthrough")
        options.passthrough = word == "passthrough";
    else
        return set_flag(word, options);
    return true;
}

using Outcome = std::expected<void, std::string>;

Outcome set_seconds(std::string_view name, std::string_view value, std::chrono::seconds& seconds) {
    const std::optional<std::chrono::seconds> parsed = seconds_of(value);
    if (!parsed)
        return std::unexpected(fmt::format("{}={}: not a time, as 30 or 5m is", name, value));
    seconds = *parsed;
    return {};
}

Outcome set_value(std::string_view name, std::string_view value, Options& options) {
    if (name == "revalidate") {
        Outcome outcome = set_seconds(name, value, options.revalidate);
        options.directories = options.revalidate;
        options.attributes = options.revalidate;
        return outcome;
    }
    if (name == "timeout")
        return set_seconds(name, value, options.time_out);
    if (name == "readahead") {
        const std::optional<std::uint64_t> bytes = parse_bytes(value);
        if (!bytes || *bytes > (std::uint64_t{1} << 30))
            return std::unexpected(
                fmt::format("readahead={}: not a size up to 1GiB, as 4MiB is", value));
        options.read_ahead = *bytes;
        return {};
    }
    std::string* text = nullptr;
    if (name == "cache")
        text = &options.cache;
    else if (name == "socket")
        text = &options.socket;
    else if (name == "fsname")
        text = &options.fs_name;
    if (text == nullptr)
        return std::unexpected(fmt::format("{}: no such option", name));
    if (value.empty())
        return std::unexpected(fmt::format("{}: has no value", name));
    *text = value;
    return {};
}

Outcome set_option(std::string_view option, Options& options) {
    if (option.empty() || is_for_others(option))
        return {};
    const std::size_t equals = option.find('=');
    if (equals != std::string_view::npos) {
        const std::string_view name = option.substr(0, equals);
        if (name == "user") // mount(8) notes who mounted it
            return {};
        return set_value(name, option.substr(equals + 1), options);
    }
    if (set_word(option, options))
        return {};
    for (const std::string_view with_value :
         {"revalidate", "timeout", "readahead", "cache", "socket", "fsname"}) {
        if (option == with_value)
            return std::unexpected(fmt::format("{}: has no value", option));
    }
    return std::unexpected(fmt::format("{}: no such option", option));
}

bool is_helper(const char* program) {
    return std::filesystem::path(program).filename().native().starts_with("mount.");
}

Outcome set_operands(int argc, char** argv, Options& options) {
    std::vector<std::string> operands(argv + optind, argv + argc);
    if (operands.size() != 2)
        return std::unexpected(operands.size() < 2 ? "SOURCE and MOUNTPOINT are missing"
                                                   : "too many arguments");
    options.source = operands[0];
    options.mount_point = operands[1];
    return {};
}

} // namespace

std::expected<void, std::string> parse_mount_options(std::string_view list, Options& options) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (Outcome outcome = set_option(list.substr(0, comma), options); !outcome)
            return outcome;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return {};
}

std::expected<Command, std::string> parse_command(int argc, char** argv) {
    static const std::array<option, 6> long_options{{{"options", required_argument, nullptr, 'o'},
                                                     {"foreground", no_argument, nullptr, 'f'},
                                                     {"verbose", no_argument, nullptr, 'v'},
                                                     {"help", no_argument, nullptr, 'h'},
                                                     {"version", no_argument, nullptr, 'V'},
                                                     {nullptr, 0, nullptr, 0}}};
    const bool helper = is_helper(argv[0]);
    Command command;
    command.options.allow_other = geteuid() == 0;
    // As any file system in user space: who may mount is not who may make devices.
    command.options.flags = MS_NOSUID | MS_NODEV;
    opterr = 0;
    optind = 1;
    int letter = 0;
    while ((letter = getopt_long(argc, argv, helper ? ":o:fhvVnsN:t:" : ":o:fhvV",
                                 long_options.data(), nullptr)) != -1) {
        switch (letter) {
        case 'o':
            if (Outcome outcome = parse_mount_options(optarg, command.options); !outcome)
                return std::unexpected(std::move(outcome).error());
            break;
        case 'f':
            if (helper)
                command.action = Action::nothing;
            else
                command.options.foreground = true;
            break;
        case 'v':
            command.options.verbose = true;
            break;
        case 'h':
            return Command{Action::help, {}};
        case 'V':
            return Command{Action::version, {}};
        case ':':
            return std::unexpected(fmt::format("-{} wants a value", static_cast<char>(optopt)));
        case '?':
            return std::unexpected(fmt::format("no such option: {}", argv[optind - 1]));
        default: // -n -s -N -t: mount(8) says them, and they are nothing here
            break;
        }
    }
    if (Outcome outcome = set_operands(argc, argv, command.options); !outcome)
        return std::unexpected(std::move(outcome).error());
    return command;
}

std::string usage() {
    return R"(Usage: cachefiles-mount SOURCE MOUNTPOINT [-o OPTION,...] [-f] [-v]
       mount -t cachefiles SOURCE MOUNTPOINT [-o OPTION,...]

Shows the directory SOURCE at MOUNTPOINT, and keeps what is read of it in the
cache that cachefilesd(8) looks after.

  -o, --options LIST   separated by commas, see below
  -f, --foreground     stays in the foreground, and writes messages to stderr
  -v, --verbose        says more
  -h, --help           prints this
  -V, --version        prints the version

Options of the mount:
  ro, rw               read only (the default), or changes go to the source
  revalidate=TIME      names and attributes are believed for so long (by default
                       those of directories for 1 s, and of a file the source is
                       asked each time; 0: of everything)
  immutable            the source never changes: it is asked once
  timeout=TIME         a request that waits longer for the source fails with
                       ETIMEDOUT (default 60; 0: it waits)
  readahead=SIZE       for who reads a file from its beginning on (default 4MiB;
                       0: none)
  cache=TAG            of the cache to use (default: any)
  socket=PATH          of the daemon (default: /run/cachefilesd/netfs)
  allow_other          other users may use it (root's default)
  noallow_other        nobody but who mounts it
  nopassthrough        the kernel does not read cached files by itself
  passthrough          it does where it can (the default)
  fsname=NAME          what mount(8) lists as its source
  suid, dev, exec, noatime, ... as for any file system; nosuid and nodev are the
                       default
)";
}

} // namespace cachefiles::mount
