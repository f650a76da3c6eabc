// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/extent_size.hpp"

#include "base/directory_reader.hpp"
#include "base/open_beneath.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace cachefiles::daemon {
namespace {

constexpr unsigned deepest = 2; // cache/, volumes, fan-out directories

class Hint final {
public:
    Hint(std::uint32_t bytes, const std::function<bool()>& go_on) : bytes_(bytes), go_on_(go_on) {}

    /// It and what is below it, the deepest first.
    [[nodiscard]] std::expected<std::uint64_t, int> give(int directory, unsigned depth) const;

private:
    [[nodiscard]] bool is_in(const fsxattr& attributes) const;
    [[nodiscard]] std::expected<std::uint64_t, int> give_below(int directory, unsigned depth) const;

    std::uint32_t bytes_;
    const std::function<bool()>& go_on_;
};

std::expected<fsxattr, int> attributes_of(int directory) {
    fsxattr attributes{};
    if (ioctl(directory, FS_IOC_FSGETXATTR, &attributes) != 0)
        return std::unexpected(errno == ENOTTY ? EOPNOTSUPP : errno);
    return attributes;
}

bool Hint::is_in(const fsxattr& attributes) const {
    return (attributes.fsx_xflags & FS_XFLAG_EXTSZINHERIT) != 0 && attributes.fsx_extsize == bytes_;
}

std::expected<std::uint64_t, int> Hint::give(int directory, unsigned depth) const {
    std::expected<fsxattr, int> attributes = attributes_of(directory);
    if (!attributes)
        return std::unexpected(attributes.error());
    if (is_in(*attributes))
        return 0;
    const std::expected<std::uint64_t, int> below = give_below(directory, depth);
    if (!below)
        return below;
    attributes->fsx_xflags |= FS_XFLAG_EXTSZINHERIT;
    attributes->fsx_extsize = bytes_;
    if (ioctl(directory, FS_IOC_FSSETXATTR, &*attributes) != 0)
        return std::unexpected(errno);
    attributes = attributes_of(directory); // ext4 takes what it has no room for, and forgets it
    if (!attributes || !is_in(*attributes))
        return std::unexpected(attributes ? EOPNOTSUPP : attributes.error());
    return *below + 1;
}

std::expected<std::uint64_t, int> Hint::give_below(int directory, unsigned depth) const {
    std::uint64_t given = 0;
    if (depth == deepest)
        return given;
    DirectoryReader reader(directory);
    while (const auto entry = reader.next()) {
        if (!go_on_())
            return std::unexpected(ECANCELED);
        if (entry->type != DT_DIR && entry->type != DT_UNKNOWN)
            continue;
        const Fd child = open_beneath(directory, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (!child)
            continue; // gone, or no directory
        const std::expected<std::uint64_t, int> below = give(child.get(), depth + 1);
        if (!below)
            return below;
        given += *below;
    }
    if (reader.error() != 0)
        return std::unexpected(reader.error());
    return given;
}

} // namespace

std::expected<std::uint64_t, int> set_extent_size(const CacheTree& tree, std::uint32_t bytes,
                                                  const std::function<bool()>& go_on) {
    const Fd cache = open_beneath(tree.root(), "cache", O_RDONLY | O_DIRECTORY);
    if (!cache)
        return std::unexpected(errno);
    return Hint(bytes, go_on).give(cache.get(), 0);
}

} // namespace cachefiles::daemon
