// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "daemon/system/background.hpp"
#include "daemon/system/descriptor_limit.hpp"
#include "mount/cache_connection.hpp"
#include "mount/file_system.hpp"
#include "mount/options.hpp"
#include "mount/session.hpp"
#include "mount/source.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace cachefiles::mount {
namespace {

constexpr int exit_usage = 2;

void complain(const std::string& text) {
    fmt::print(stderr, "cachefiles-mount: {}\n", text);
}

/// Also of one that is dead, below which nothing can be found.
std::string real_mount_point(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                           &std::free);
    if (real != nullptr)
        return real.get();
    if (errno == ENOTCONN) {
        const std::filesystem::path absolute = std::filesystem::absolute(path).lexically_normal();
        return absolute.has_filename() ? absolute : absolute.parent_path();
    }
    throw SystemError(fmt::format("cannot find {}", path));
}

void check_mount_point(const Source& source, const std::string& mount_point) {
    const std::string inside = source.path() == "/" ? "/" : source.path() + "/";
    if (mount_point.starts_with(inside))
        throw SystemError(
            fmt::format("{} is inside of {}: it would show itself", mount_point, source.path()),
            ELOOP);
    struct stat status{};
    if (stat(mount_point.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
        throw SystemError(fmt::format("cannot mount at {}", mount_point), ENOTDIR);
}

int run(const Options& options) {
    Source source(options.source);
    const std::string mount_point = real_mount_point(options.mount_point);
    check_mount_point(source, mount_point);
    std::optional<daemon::Background> background;
    if (!options.foreground)
        background.emplace();
    // Half for names, the rest for open files, the cache's and the source's.
    const std::uint64_t descriptors = daemon::raise_descriptor_limit();
    umask(0); // the caller's has been applied already
    Session::block_signals();
    try {
        const CacheConnection cache(options, source.volume_key());
        FileSystem file_system({options, source, cache.get(), cache.volume(), descriptors / 2});
        int error = 0;
        {
            Session session(options, mount_point, file_system);
            if (options.verbose)
                complain(fmt::format("{} is at {}, {}, volume {}", source.path(), mount_point,
                                     cache.online() ? "with a cache" : "without a cache so far",
                                     source.volume_key()));
            if (background)
                background->ready();
            error = session.serve();
        }
        file_system.finish();
        return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception& error) {
        complain(error.what());
        if (background)
            background->failed(EXIT_FAILURE);
        return EXIT_FAILURE;
    }
}

} // namespace
} // namespace cachefiles::mount

int main(int argc, char** argv) {
    using namespace cachefiles::mount;
    const std::expected<Command, std::string> command = parse_command(argc, argv);
    if (!command) {
        complain(command.error());
        fmt::print(stderr, "Try --help.\n");
        return exit_usage;
    }
    switch (command->action) {
    case Action::help:
        fmt::print("{}", usage());
        return EXIT_SUCCESS;
    case Action::version:
        fmt::print("cachefiles-mount {}\n", CACHEFILESD_VERSION);
        return EXIT_SUCCESS;
    case Action::nothing:
        return EXIT_SUCCESS;
    case Action::mount:
        break;
    }
    try {
        return run(command->options);
    } catch (const std::exception& error) {
        complain(error.what());
        return EXIT_FAILURE;
    }
}
