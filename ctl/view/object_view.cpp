// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/object_view.hpp"

#include "base/bytes_text.hpp"
#include "base/units.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/paint.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"
#include "ctl/view/content_map.hpp"
#include "protocol/hex.hpp"
#include "protocol/object_name.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

constexpr unsigned map_rows = 12;

std::string fact(std::string_view label, std::string_view text, const Style& style) {
    return paint(style, Ink::bold, pad_right(label, 10)) + std::string(text) + "\n";
}

/// The cookie's key, which the file name encodes; that of a network file system is seldom text.
std::string key_text(const std::string& name) {
    const std::vector<std::string> keys = protocol::decode_object_name(name);
    if (keys.empty())
        return "?";
    const std::string& key = keys.front();
    for (const char c : key) {
        if (c < 0x20 || c == 0x7f) { // or a byte above 0x7f, where char has a sign
            std::string hex;
            protocol::append_hex_bytes(hex, key);
            return hex;
        }
    }
    return key;
}

std::string map_view(const ObjectDetails& details, const Style& style) {
    if (!details.content)
        return {};
    const ContentMap map(*details.content);
    std::string text =
        fact("Content",
             fmt::format("{} of {} blocks of {} are there", format_count(map.present()),
                         format_count(map.size()), format_bytes(details.block_size)),
             style);
    const std::size_t step = map.blocks_per_cell(map_rows, style);
    if (step > 1)
        text += fact("", fmt::format("{} blocks for each place below", step), style);
    return text + "\n" + map.text(map_rows, style);
}

} // namespace

std::string object_view(const ObjectDetails& details, const CacheValues& cache,
                        std::uint64_t now_usec, const Style& style) {
    const ObjectValues& object = details.object;
    std::string text = fact("Object", fmt::format("{}", object.number), style);
    text += fact("Volume", visible(object.volume), style);
    text += fact("Name", visible(bytes_text(object.name)), style);
    text += fact("Key", visible(key_text(object.name)), style);
    text += fact("Path", visible(cache.directory + "/" + bytes_text(details.path)), style);
    std::string size = fmt::format("{} ({} bytes)", format_bytes(object.bytes), object.bytes);
    if (details.extents)
        size += fmt::format(", {} {}", format_count(*details.extents),
                            *details.extents == 1 ? "extent" : "extents");
    text += fact("On disk", size, style);
    text += fact("Used",
                 object.in_use ? "in use now"
                               : fmt::format("{}, {}", format_ago(now_usec, object.last_use),
                                             format_time(object.last_use)),
                 style);
    return text + map_view(details, style);
}

Json object_json(const ObjectDetails& details, const CacheValues& cache) {
    Json result = to_json(details.object);
    result["cache"] = cache.tag;
    result["path"] = cache.directory + "/" + bytes_text(details.path);
    result["block_size"] = details.content ? Json(details.block_size) : Json(nullptr);
    result["extents"] = details.extents ? Json(*details.extents) : Json(nullptr);
    result["content"] = nullptr;
    if (details.content) {
        result["content"] = Json::array();
        for (const auto& [first, count] : ContentMap(*details.content).ranges())
            result["content"].push_back(Json{{"first", first}, {"count", count}});
    }
    return result;
}

} // namespace cachefiles::ctl
