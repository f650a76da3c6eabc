// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/cached_view.hpp"

#include "base/bytes_text.hpp"
#include "base/units.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/paint.hpp"
#include "ctl/text/table.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"
#include "ctl/view/cache_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

std::string gauge_line(const TreeSum& sum, const Style& style) {
    const unsigned room = style.width > 40 ? style.width - 34 : 6;
    const std::string gauge = bar(sum.fraction(), std::min(room, 60U), style);
    const std::string label = labelled("Cached", "", style);
    return label.substr(0, label.size() - 1) + paint(style, Ink::green, gauge) +
           fmt::format(" {} of {}\n", format_share(sum.fraction()), format_bytes(sum.bytes));
}

std::string left_out(const CachedTree& tree) {
    std::string text;
    if (tree.unreadable > 0)
        text = fmt::format("{} that cannot be read", format_count(tree.unreadable));
    if (tree.other_mounts > 0)
        text += fmt::format("{}{} other mount{}", text.empty() ? "" : ", ",
                            format_count(tree.other_mounts), tree.other_mounts == 1 ? "" : "s");
    return text;
}

} // namespace

std::string cached_view(const CachedTree& tree, const Style& style) {
    const TreeSum& sum = tree.sum;
    std::string text = labelled("Tree", visible(tree.path), style);
    text += labelled("Source", visible(tree.mount.source), style);
    if (!tree.mount.online)
        text += labelled("State", "the mount has no cache at this moment", style);
    text += gauge_line(sum, style);
    text += labelled("", fmt::format("{} of {}", format_bytes(sum.cached), format_bytes(sum.bytes)),
                     style);
    text += labelled("Files",
                     fmt::format("{}: {} whole, {} in part, {} not at all", format_count(sum.files),
                                 format_count(sum.whole), format_count(sum.part),
                                 format_count(sum.none())),
                     style);
    const std::string rest = left_out(tree);
    return rest.empty() ? text : text + labelled("Left out", rest, style);
}

Json cached_json(const CachedTree& tree) {
    return {{"path", bytes_text(tree.path)}, {"source", bytes_text(tree.mount.source)},
            {"online", tree.mount.online},   {"files", tree.sum.files},
            {"bytes", tree.sum.bytes},       {"cached_bytes", tree.sum.cached},
            {"whole_files", tree.sum.whole}, {"part_files", tree.sum.part},
            {"unreadable", tree.unreadable}, {"other_mounts", tree.other_mounts}};
}

std::string cached_files_view(const std::vector<CachedFile>& files, bool headings,
                              const Style& style) {
    using enum Table::Align;
    Table table({{headings ? "CACHED" : "", right},
                 {headings ? "SIZE" : "", right},
                 {headings ? "SHARE" : "", right},
                 {headings ? "FILE" : "", left}});
    for (const CachedFile& file : files) {
        TreeSum sum;
        sum.add(file.share);
        table.add({format_bytes(file.share.cached), format_bytes(file.share.size),
                   format_share(sum.fraction()), visible(file.path)});
    }
    return table.text(style);
}

Json cached_json(const CachedFile& file) {
    return {{"path", bytes_text(file.path)},
            {"bytes", file.share.size},
            {"cached_bytes", file.share.cached}};
}

} // namespace cachefiles::ctl
