// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/database_files.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cachefiles::index {
namespace {

namespace fs = std::filesystem;

fs::path with_suffix(const fs::path& path, std::string_view suffix) {
    fs::path result = path;
    result += suffix;
    return result;
}

std::vector<fs::path> moved_before(const fs::path& database) {
    const std::string prefix = database.filename().string() + ".corrupt-";
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(database.parent_path(), error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().filename().string().starts_with(prefix))
            found.push_back(entry->path());
    }
    return found;
}

} // namespace

std::uint64_t wal_size(const fs::path& database) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(with_suffix(database, "-wal"), error);
    return error ? 0 : size;
}

fs::path move_aside(const fs::path& database, Seconds now) {
    const std::vector<fs::path> old = moved_before(database);
    std::error_code error;
    fs::path target;
    do // never over another one: it may be a directory, and renaming would fail
        target = with_suffix(database, fmt::format(".corrupt-{}", now++));
    while (fs::exists(fs::symlink_status(target, error)));

    fs::rename(database, target, error);
    if (error && error != std::errc::no_such_file_or_directory)
        throw SystemError(fmt::format("cannot move {} aside", database.string()), error.value());
    // A log that stayed would be played back into the new database.
    constexpr std::array suffixes{"-wal", "-shm", "-journal"};
    for (const std::string_view suffix : suffixes) {
        fs::rename(with_suffix(database, suffix), with_suffix(target, suffix), error);
        if (error && error != std::errc::no_such_file_or_directory)
            throw SystemError(fmt::format("cannot move {}{} aside", database.string(), suffix),
                              error.value());
    }
    for (const fs::path& path : old) {
        if (!fs::is_directory(fs::symlink_status(path, error)))
            fs::remove(path, error);
    }
    return target;
}

} // namespace cachefiles::index
