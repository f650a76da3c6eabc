// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/schema.hpp"

#include "daemon/config/values.hpp"

#include <algorithm>
#include <array>

namespace cachefiles::daemon {
namespace {

using namespace values;

constexpr std::uint64_t KiB = 1024;
constexpr std::uint64_t MiB = 1024 * KiB;
constexpr std::uint64_t GiB = 1024 * MiB;      // XFS itself takes less than 4 GiB
constexpr std::uint64_t EiB = MiB * MiB * MiB; // enough, and far from where sums overflow
constexpr Seconds hour = 3600;
constexpr Seconds day = 24 * hour;
constexpr Seconds century = 36'500 * day;
constexpr std::uint64_t all_objects = INT64_MAX;

using AnySize = Size<1, EiB>;
using AnyCount = Number<1, all_objects>;
using AnyAge = Time<1, century>;
template<Seconds Least, Seconds Most>
using Interval = Cast<Time<Least, Most>, std::chrono::seconds>;

/// `Access` is a lambda from the settings to the member.
template<class Codec, auto Access, class Settings>
std::optional<std::string> set_value(Settings& settings, std::string_view text) {
    Parsed<typename Codec::Type> value = Codec::parse(text);
    if (!value)
        return std::move(value.error());
    Access(settings) = std::move(*value);
    return std::nullopt;
}

template<class Codec, auto Access, class Settings>
std::string get_value(const Settings& settings) {
    return Codec::format(Access(settings));
}

template<class Codec>
inline constexpr bool is_optional = false;
template<class Codec>
inline constexpr bool is_optional<Optional<Codec>> = true;

template<class Codec, auto Access>
constexpr Key key(std::string_view path, Effect effect, std::string_view doc) {
    return {path,
            Codec::grammar,
            doc,
            effect,
            is_optional<Codec>,
            &set_value<Codec, Access, Config>,
            &get_value<Codec, Access, Config>};
}

template<class Codec, auto Access>
constexpr VolumeKey volume_key(std::string_view name, std::string_view doc) {
    return {name,
            Codec::grammar,
            doc,
            is_optional<Codec>,
            &set_value<Codec, Access, cull::VolumeRule>,
            &get_value<Codec, Access, cull::VolumeRule>};
}

// The lambda of a member; the only way to name `limits.watermarks.blocks.run` as a constant.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define AT(member)                                                                                 \
    [](auto& settings) -> auto& {                                                                  \
        return settings.member;                                                                    \
    }
// NOLINTEND(bugprone-macro-parentheses)

constexpr std::array all_keys{
    key<Path, AT(cache.directory)>("cache.directory", Effect::rebind,
                                   "where the cache is; it holds cache/ and graveyard/"),
    key<Tag, AT(cache.tag)>("cache.tag", Effect::rebind,
                            "name of the cache for the kernel, and of its index"),
    key<Optional<Text>, AT(cache.security_context)>(
        "cache.security-context", Effect::rebind,
        "security label under which the kernel acts on the cache (SELinux)"),
    key<Path, AT(cache.device)>("cache.device", Effect::rebind, "the driver's device"),
    key<Optional<Mask>, AT(cache.kernel_debug)>(
        "cache.kernel-debug", Effect::rebind,
        "debug mask of the driver: 1 calls, 2 returns, 4 messages; none leaves it alone"),
    key<Optional<Size<4 * KiB, GiB>>, AT(cache.extent_size)>(
        "cache.extent-size", Effect::restart,
        "on XFS: new files get disk space in pieces of this size, such as 1MiB; none leaves it "
        "alone"),

    key<Percent, AT(limits.watermarks.blocks.run)>("limits.brun", Effect::watermark,
                                                   "culling ends when this much space is free"),
    key<Percent, AT(limits.watermarks.blocks.cull)>(
        "limits.bcull", Effect::watermark, "culling begins when less space than this is free"),
    key<Percent, AT(limits.watermarks.blocks.stop)>(
        "limits.bstop", Effect::watermark, "nothing new is cached when less space is free"),
    key<Percent, AT(limits.watermarks.files.run)>("limits.frun", Effect::watermark,
                                                  "culling ends when this many inodes are free"),
    key<Percent, AT(limits.watermarks.files.cull)>(
        "limits.fcull", Effect::watermark, "culling begins when fewer inodes than this are free"),
    key<Percent, AT(limits.watermarks.files.stop)>(
        "limits.fstop", Effect::watermark, "nothing new is cached when fewer inodes are free"),
    key<Optional<AnySize>, AT(limits.max_size)>("limits.max-size", Effect::at_once,
                                                "how much the cache may hold, such as 500GiB"),
    key<Optional<AnyCount>, AT(limits.max_files)>("limits.max-files", Effect::at_once,
                                                  "how many objects the cache may hold"),
    key<Optional<AnySize>, AT(limits.min_free)>(
        "limits.min-free", Effect::at_once,
        "how much stays free on the file system, such as 20GiB"),
    key<Optional<AnyAge>, AT(limits.max_age)>("limits.max-age", Effect::at_once,
                                              "what was not used for so long goes, such as 30d"),
    key<Time<0, century>, AT(limits.min_age)>(
        "limits.min-age", Effect::at_once,
        "what was used within this time stays, whatever the limits say"),

    key<Switch, AT(culling.enabled)>("culling.enabled", Effect::at_once,
                                     "false: nothing is ever culled"),

    key<Path, AT(index.directory)>("index.directory", Effect::restart,
                                   "where the index is; not inside the cache"),
    key<Size<MiB, EiB>, AT(index.page_cache)>("index.page-cache", Effect::restart,
                                              "memory for pages of the index"),
    key<Interval<1, day>, AT(index.touch_granularity)>(
        "index.touch-granularity", Effect::restart,
        "uses of an object closer to each other than this count as one"),
    key<Interval<1, hour>, AT(index.commit_interval)>(
        "index.commit-interval", Effect::restart,
        "what is lost at most when the machine stops (it is found again by a scan)"),
    key<Size<0, EiB>, AT(index.reserve)>(
        "index.reserve", Effect::restart,
        "disk space kept for the index, for when the file system is full"),

    key<BackendName, AT(daemon.backend)>(
        "daemon.backend", Effect::restart,
        "who keeps the objects: the kernel's driver (kernel), or the daemon itself (user)"),
    key<LogLevel, AT(daemon.log_level)>("daemon.log-level", Effect::at_once,
                                        "error, warning, notice, info or debug"),
    key<EventSource, AT(daemon.events)>(
        "daemon.events", Effect::restart,
        "how changes of the cache are followed: auto, fanotify, inotify, or off (scans only)"),
    key<Cast<Number<1, 64>, unsigned>, AT(daemon.scan_threads)>(
        "daemon.scan-threads", Effect::restart, "how many directories are read at the same time"),
    key<Interval<1, hour>, AT(daemon.space_check_interval)>(
        "daemon.space-check-interval", Effect::at_once, "time between two looks at the free space"),

    key<Optional<Path>, AT(metrics.textfile)>(
        "metrics.textfile", Effect::at_once,
        "a file that the metrics are written to, for the node exporter; its name ends in .prom"),
    key<Interval<1, hour>, AT(metrics.interval)>("metrics.interval", Effect::at_once,
                                                 "time between two texts in that file"),

    key<Path, AT(user.socket)>("user.socket", Effect::restart,
                               "where the clients of the user backend reach it"),
    key<Switch, AT(user.device)>(
        "user.device", Effect::restart,
        "true: the user backend also answers as the driver does, in dev/cachefiles beside the "
        "socket"),
    key<BinderName, AT(user.bound_by)>(
        "user.bound-by", Effect::restart,
        "device: another daemon binds the cache through the device file (which is there then), and "
        "culls it"),
    key<Interval<1, hour>, AT(user.commit_interval)>(
        "user.commit-interval", Effect::restart,
        "what of the stored data is lost at most when the machine stops"),
    key<Interval<1, hour>, AT(user.idle_timeout)>(
        "user.idle-timeout", Effect::restart,
        "how long an object stays open after its last use, and cannot be culled"),
    key<Cast<Number<1, 256>, unsigned>, AT(user.executor_threads)>(
        "user.executor-threads", Effect::restart,
        "how many objects are opened and closed at the same time"),
    key<Number<1, 100'000>, AT(user.max_clients)>("user.max-clients", Effect::restart,
                                                  "how many clients there may be at a time"),
    key<Number<1, 100'000>, AT(user.max_volumes)>("user.max-volumes-per-client", Effect::restart,
                                                  "how many volumes a client may have"),
    key<Number<1, 10'000'000>, AT(user.max_cookies)>("user.max-cookies-per-client", Effect::restart,
                                                     "how many cookies a client may have"),
    key<Number<1, 1'000'000>, AT(user.max_files)>(
        "user.max-files-per-client", Effect::restart,
        "how many cookies a client may have in use: each is an open file"),
    key<Number<1, 1'000'000>, AT(user.max_grants)>("user.max-grants-per-client", Effect::restart,
                                                   "how many writes a client may have under way"),
};

constexpr std::array all_volume_keys{
    volume_key<Text, AT(match)>(
        "match", "shell pattern for volume keys, such as \"nfs,*\"; the first rule that matches "
                 "a volume holds"),
    volume_key<Switch, AT(pin)>("pin", "true: never culled; its space still counts"),
    volume_key<Optional<AnySize>, AT(max_size)>("max-size", "how much the volume may hold"),
    volume_key<Optional<AnyCount>, AT(max_files)>("max-files",
                                                  "how many objects the volume may hold"),
    volume_key<Optional<AnyAge>, AT(max_age)>("max-age", "what was not used for so long goes"),
};

#undef AT

} // namespace

std::span<const Key> keys() {
    return all_keys;
}

std::span<const VolumeKey> volume_keys() {
    return all_volume_keys;
}

const Key* find_key(std::string_view path) {
    const auto* const found = std::ranges::find(all_keys, path, &Key::path);
    return found == all_keys.end() ? nullptr : found;
}

const VolumeKey* find_volume_key(std::string_view name) {
    const auto* const found = std::ranges::find(all_volume_keys, name, &VolumeKey::name);
    return found == all_volume_keys.end() ? nullptr : found;
}

bool is_section(std::string_view name) {
    return std::ranges::find(all_keys, name, &Key::section) != all_keys.end();
}

} // namespace cachefiles::daemon
