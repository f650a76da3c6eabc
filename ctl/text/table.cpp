// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/table.hpp"

#include "ctl/text/paint.hpp"
#include "ctl/text/width.hpp"

#include <algorithm>

namespace cachefiles::ctl {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_clipped = 8; // narrower columns say nothing

} // namespace

bool Table::has_headings() const {
    return std::ranges::any_of(columns_, [](const Column& each) { return !each.heading.empty(); });
}

std::vector<std::size_t> Table::widths(const Style& style, unsigned indent) const {
    std::vector<std::size_t> result;
    std::size_t total = indent;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = columns(columns_[i].heading);
        for (const std::vector<std::string>& row : rows_)
            width = std::max(width, columns(row[i]));
        result.push_back(width);
        total += width + (i > 0 ? gap : 0);
    }
    for (std::size_t i = 0; i < columns_.size() && total > style.width; ++i) {
        const std::size_t excess = total - style.width;
        if (columns_[i].clipped && result[i] > least_clipped)
            result[i] = std::max(least_clipped, result[i] > excess ? result[i] - excess : 0);
    }
    return result;
}

std::string Table::text(const Style& style, unsigned indent) const {
    const std::vector<std::size_t> width = widths(style, indent);
    const auto line = [&](const auto& cell_of) {
        std::string text(indent, ' ');
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            std::string cell = cell_of(i);
            if (columns_[i].clipped)
                cell = clip_name(cell, width[i], style);
            text += columns_[i].align == Align::right ? pad_left(cell, width[i])
                                                      : pad_right(cell, width[i]);
            text += std::string(i + 1 < columns_.size() ? gap : 0, ' ');
        }
        return text.substr(0, text.find_last_not_of(' ') + 1);
    };
    std::string text;
    if (has_headings())
        text += paint(style, Ink::faint, line([&](std::size_t i) { return columns_[i].heading; })) +
                "\n";
    for (const std::vector<std::string>& row : rows_)
        text += line([&](std::size_t i) { return row[i]; }) + "\n";
    return text;
}

} // namespace cachefiles::ctl
