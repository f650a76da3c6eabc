// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/content_map.hpp"

#include <algorithm>

namespace cachefiles::ctl {
namespace {

std::string_view cell(std::size_t present, std::size_t all, const Style& style) {
    if (present == all)
        return style.utf8 ? "█" : "#";
    if (present > 0)
        return style.utf8 ? "▒" : "+";
    return style.utf8 ? "░" : ".";
}

} // namespace

ContentMap::ContentMap(std::string_view bits) {
    for (std::size_t i = 0; i < bits.size() * 8; ++i)
        blocks_.push_back((static_cast<unsigned char>(bits[i / 8]) >> (i % 8) & 1) != 0);
    while (!blocks_.empty() && !blocks_.back())
        blocks_.pop_back();
}

std::size_t ContentMap::present() const {
    return static_cast<std::size_t>(std::ranges::count(blocks_, true));
}

std::vector<std::pair<std::size_t, std::size_t>> ContentMap::ranges() const {
    std::vector<std::pair<std::size_t, std::size_t>> result;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        if (!blocks_[i])
            continue;
        if (!result.empty() && result.back().first + result.back().second == i)
            ++result.back().second;
        else
            result.emplace_back(i, 1);
    }
    return result;
}

std::size_t ContentMap::blocks_per_cell(unsigned rows, const Style& style) const {
    const std::size_t cells = std::size_t{rows} * style.width;
    return std::max<std::size_t>(1, (blocks_.size() + cells - 1) / cells);
}

std::string ContentMap::text(unsigned rows, const Style& style) const {
    const std::size_t step = blocks_per_cell(rows, style);
    std::string result;
    unsigned column = 0;
    for (std::size_t at = 0; at < blocks_.size(); at += step) {
        const std::size_t end = std::min(at + step, blocks_.size());
        std::size_t there = 0;
        for (std::size_t i = at; i < end; ++i)
            there += blocks_[i] ? 1 : 0;
        result += cell(there, end - at, style);
        if (++column == style.width) {
            result += '\n';
            column = 0;
        }
    }
    return column == 0 ? result : result + '\n';
}

} // namespace cachefiles::ctl
