// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount_table.hpp"

#include "base/mount_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace cachefiles::mount {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t blank = std::min(line.find(' '), line.size());
        if (blank > 0)
            words.push_back(line.substr(0, blank));
        line.remove_prefix(std::min(blank + 1, line.size()));
    }
    return words;
}

/// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": a "-" ends the optional
/// fields.
std::optional<MountEntry> parse(std::string_view line) {
    const std::vector<std::string_view> words = words_of(line);
    const auto dash =
        std::find(words.begin() + std::min<std::ptrdiff_t>(6, std::ssize(words)), words.end(), "-");
    if (std::distance(dash, words.end()) < 3)
        return {};
    MountEntry entry;
    if (std::from_chars(words[0].data(), words[0].data() + words[0].size(), entry.id).ec !=
        std::errc())
        return {};
    entry.device = words[2];
    entry.root = mount_text(words[3]);
    entry.mount_point = mount_text(words[4]);
    entry.type = mount_text(dash[1]);
    entry.source = mount_text(dash[2]);
    return entry;
}

/// The last entry that is the one.
template<typename Wanted>
std::optional<MountEntry> find_last(std::string_view mountinfo, const Wanted& is_wanted) {
    std::optional<MountEntry> found;
    while (!mountinfo.empty()) {
        const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
        std::optional<MountEntry> entry = parse(mountinfo.substr(0, end));
        if (entry && is_wanted(*entry))
            found = std::move(entry);
        mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    }
    return found;
}

} // namespace

std::optional<MountEntry> find_mount(std::string_view mountinfo, std::uint64_t id) {
    return find_last(mountinfo, [id](const MountEntry& entry) { return entry.id == id; });
}

std::optional<MountEntry> find_mount_at(std::string_view mountinfo, std::string_view mount_point) {
    return find_last(mountinfo, [mount_point](const MountEntry& entry) {
        return entry.mount_point == mount_point;
    });
}

} // namespace cachefiles::mount
