// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/cached_share.hpp"

#include <fmt/format.h>

#include <sys/xattr.h>

#include <cerrno>
#include <charconv>

namespace cachefiles::ctl {
namespace {

/// More than either attribute has; a source is a path or a URL.
constexpr std::size_t longest_attribute = 16384;

std::expected<std::string, int> attribute_of(int place, const char* name) {
    std::string text(longest_attribute, '\0');
    // fgetxattr(2) refuses descriptors of O_PATH.
    const std::string path = fmt::format("/proc/self/fd/{}", place);
    const ssize_t length = getxattr(path.c_str(), name, text.data(), text.size());
    if (length < 0)
        return std::unexpected(errno == EOPNOTSUPP ? ENODATA : errno);
    text.resize(static_cast<std::size_t>(length));
    return text;
}

bool take_number(std::string_view& text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
}

} // namespace

std::expected<CachedShare, int> MountShares::of(int file) const {
    const std::expected<std::string, int> text = attribute_of(file, "cachefiles.cached");
    if (!text)
        return std::unexpected(text.error());
    const std::optional<CachedShare> share = parse_share(*text);
    if (!share)
        return std::unexpected(EPROTO);
    return *share;
}

std::expected<MountFacts, int> MountShares::mount(int place) const {
    const std::expected<std::string, int> text = attribute_of(place, "cachefiles.mount");
    if (!text)
        return std::unexpected(text.error());
    return parse_mount_facts(*text);
}

std::optional<CachedShare> parse_share(std::string_view text) {
    CachedShare share;
    if (!take_number(text, share.cached) || !text.starts_with(' '))
        return std::nullopt;
    text.remove_prefix(1);
    if (!take_number(text, share.size) || !(text.empty() || text == "\n"))
        return std::nullopt;
    return share;
}

MountFacts parse_mount_facts(std::string_view text) {
    MountFacts facts;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
        if (line.starts_with("source="))
            facts.source = line.substr(line.find('=') + 1);
        else if (line.starts_with("online="))
            facts.online = line == "online=1";
    }
    return facts;
}

} // namespace cachefiles::ctl
