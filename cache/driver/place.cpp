// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/place.hpp"

#include "base/open_beneath.hpp"
#include "protocol/fanout_name.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

namespace cachefiles::cache::driver {
namespace {

constexpr std::string_view cache_part = "cache";

/// Does not ask the file system: the working directory may be on one whose server does not answer.
std::optional<struct statx> look_at(int fd) {
    struct statx status{};
    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO | STATX_NLINK,
              &status) != 0)
        return std::nullopt;
    return status;
}

bool same(const struct statx& a, const struct statx& b) {
    return a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major &&
           a.stx_dev_minor == b.stx_dev_minor;
}

class Search final {
public:
    Search(const store::Root& root, const struct statx& wanted) : root_(root), wanted_(wanted) {}

    /// "" is the root itself.
    std::optional<Place> try_path(std::string path) const {
        Fd fd = open_beneath(root_.root(), path.empty() ? "." : path.c_str(),
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        const std::optional<struct statx> found = fd ? look_at(fd.get()) : std::nullopt;
        if (!found || !same(*found, wanted_))
            return std::nullopt;
        return Place{std::move(fd), std::move(path)};
    }

    /// By the end of what the kernel says of the descriptor's path, whatever stands before.
    std::optional<Place> by_path(const std::string& path) const {
        for (std::size_t start = path.rfind('/'); start != std::string::npos;
             start = start == 0 ? std::string::npos : path.rfind('/', start - 1)) {
            const std::string end = path.substr(start + 1);
            if (end.empty()) // "/": what is mounted is the directory itself
                break;
            if (std::optional<Place> place = try_path(fmt::format("{}/{}", cache_part, end)))
                return place;
            if (std::optional<Place> place = try_path(end))
                return place;
        }
        std::optional<Place> place = try_path({});
        return place ? std::move(place) : try_path(std::string(cache_part));
    }

    /// Where the directory itself is what is mounted elsewhere, its path tells nothing.
    std::optional<Place> by_number() const { return search(std::string(cache_part), 2); }

private:
    std::optional<Place> search(const std::string& path, int depth) const {
        const std::unique_ptr<DIR, int (*)(DIR*)> directory(
            fdopendir(open_beneath(root_.root(), path.c_str(), O_RDONLY | O_DIRECTORY).release()),
            closedir);
        if (!directory)
            return std::nullopt;
        while (const dirent* const entry = readdir(directory.get())) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == ".." ||
                (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
                continue;
            const std::string below = fmt::format("{}/{}", path, name);
            std::optional<Place> place;
            if (entry->d_ino == wanted_.stx_ino)
                place = try_path(below);
            if (!place && depth > 1)
                place = search(below, depth - 1);
            if (place)
                return place;
        }
        return std::nullopt;
    }

    const store::Root& root_;
    const struct statx& wanted_;
};

std::string path_of(int fd) {
    std::array<char, PATH_MAX> path{};
    const ssize_t length =
        readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), path.data(), path.size());
    return {path.data(), length < 0 ? 0 : static_cast<std::size_t>(length)};
}

} // namespace

std::expected<Place, int> find_place(const store::Root& root, int directory) {
    const std::optional<struct statx> wanted = look_at(directory);
    if (!wanted || !S_ISDIR(wanted->stx_mode))
        return std::unexpected(ENOTDIR);
    const std::optional<struct statx> top = look_at(root.root());
    if (!top || top->stx_dev_major != wanted->stx_dev_major ||
        top->stx_dev_minor != wanted->stx_dev_minor)
        return std::unexpected(EXDEV);
    if (wanted->stx_nlink == 0)
        return std::unexpected(ESTALE);
    const Search search(root, *wanted);
    std::optional<Place> place = search.by_path(path_of(directory));
    if (!place)
        place = search.by_number();
    if (!place)
        return std::unexpected(EXDEV);
    return *std::move(place);
}

std::optional<std::string> Place::claim_of(const std::string& name) const {
    if (path == cache_part)
        return name;
    if (!path.starts_with("cache/"))
        return std::nullopt;
    const std::string below = path.substr(cache_part.size() + 1);
    const std::size_t slash = below.find('/');
    if (slash == std::string::npos) // a volume's: its fan-out directories are used with it
        return protocol::parse_fanout_name(name) ? std::optional(below) : std::nullopt;
    if (below.find('/', slash + 1) != std::string::npos)
        return std::nullopt;
    return fmt::format("{}/{}", below, name);
}

bool Place::is_part(const std::string& name) const {
    return path.empty() && (name == cache_part || name == "graveyard");
}

} // namespace cachefiles::cache::driver
