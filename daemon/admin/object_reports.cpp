// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/object_reports.hpp"

#include "base/bytes_text.hpp"
#include "base/open_beneath.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "protocol/fanout_name.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <charconv>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

template<class Number>
bool take_number(std::string_view& text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool take_colon(std::string_view& text) {
    if (!text.starts_with(':'))
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

std::string format_cursor(const index::RecencyCursor& cursor) {
    return fmt::format("{}:{}:{}", cursor.last_use, cursor.bytes, cursor.id);
}

std::optional<index::RecencyCursor> parse_cursor(std::string_view text) {
    index::RecencyCursor cursor;
    if (text.empty())
        return cursor;
    if (!take_number(text, cursor.last_use) || !take_colon(text) ||
        !take_number(text, cursor.bytes) || !take_colon(text) || !take_number(text, cursor.id) ||
        !text.empty())
        return std::nullopt;
    return cursor;
}

Fd open_object(int root, const ObjectReport& object) {
    return open_beneath(root, object.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

Refusal no_such_volume(std::string_view key) {
    return {Refusal::Kind::no_such_volume,
            fmt::format("there is no volume {} in the cache", bytes_text(key))};
}

std::expected<ObjectPage, Refusal> ObjectReports::list(const ObjectQuery& query) {
    const std::optional<index::RecencyCursor> cursor = parse_cursor(query.cursor);
    if (!cursor)
        return std::unexpected(
            Refusal{Refusal::Kind::invalid, "the cursor is none that a page has ended with"});
    if (query.limit == 0 || query.limit > largest_page)
        return std::unexpected(Refusal{Refusal::Kind::invalid,
                                       fmt::format("a page has 1 to {} objects", largest_page)});
    index::OldestQuery search;
    search.limit = query.limit;
    search.after = *cursor;
    search.in_use = true;
    if (query.volume) {
        const std::optional<index::Volume> volume = index_.volume(*query.volume);
        if (!volume)
            return std::unexpected(no_such_volume(*query.volume));
        search.only = volume->id;
    }
    keys_.clear();
    ObjectPage page;
    for (index::Object& object : index_.oldest(search)) {
        page.next = format_cursor(index::RecencyCursor::at(object));
        page.objects.push_back(report(std::move(object)));
    }
    if (page.objects.size() < query.limit)
        page.next.clear();
    return page;
}

std::expected<ObjectReport, Refusal> ObjectReports::show(std::string_view volume,
                                                         std::string_view name) {
    if (!volume.empty() && !index_.volume(volume))
        return std::unexpected(no_such_volume(volume));
    keys_.clear();
    std::optional<index::Object> found = find(volume, name);
    if (!found)
        return std::unexpected(
            Refusal{Refusal::Kind::no_such_object,
                    fmt::format("there is no object {} in the index", bytes_text(name))});
    return report(*std::move(found));
}

std::optional<index::Object> ObjectReports::find(std::string_view volume, std::string_view name) {
    if (volume.empty()) {
        std::int64_t number = 0;
        if (!name.starts_with('#'))
            return std::nullopt;
        name.remove_prefix(1);
        if (!take_number(name, number) || !name.empty())
            return std::nullopt;
        return index_.find(index::ObjectId(number));
    }
    const std::optional<index::Volume> known = index_.volume(volume);
    // The directory follows from the key, which a name cut short does not tell.
    for (unsigned fanout = 0; known && fanout < 256; ++fanout) {
        if (auto object = index_.find({known->id, static_cast<std::uint8_t>(fanout)}, name))
            return object;
    }
    return std::nullopt;
}

ObjectReport ObjectReports::report(index::Object object) {
    const index::DirectoryId directory = object.id.directory();
    ObjectReport report;
    report.volume = key_of(directory.volume);
    report.path = fmt::format("cache/{}/{}/{}", CacheTree::volume_name(report.volume),
                              protocol::format_fanout_name(directory.fanout), object.name);
    report.object = std::move(object);
    if (in_use_.contains)
        report.object.attributes.state =
            in_use_.contains(report.path) ? index::ObjectState::in_use : index::ObjectState::idle;
    return report;
}

const std::string& ObjectReports::key_of(index::VolumeId volume) {
    const auto [entry, added] = keys_.try_emplace(volume);
    if (added) {
        if (std::optional<index::Volume> known = index_.volume(volume))
            entry->second = std::move(known->key);
    }
    return entry->second;
}

} // namespace cachefiles::daemon::admin
