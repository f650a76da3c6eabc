// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/width.hpp"

namespace cachefiles::ctl {
namespace {

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::string blanks(std::string_view text, std::size_t width) {
    const std::size_t taken = columns(text);
    return std::string(width > taken ? width - taken : 0, ' ');
}

} // namespace

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') // what paint() adds ends in m
            i = text.find('m', i);
        else if (begins_character(text[i]))
            ++count;
        if (i == std::string_view::npos)
            break;
    }
    return count;
}

std::string clip(std::string_view text, std::size_t width, const Style& style) {
    if (columns(text) <= width)
        return std::string(text);
    if (width == 0)
        return {};
    std::size_t end = 0;
    for (std::size_t kept = 0; end < text.size(); ++end) {
        if (begins_character(text[end]) && kept++ == width - 1)
            break;
    }
    return std::string(text.substr(0, end)) + (style.utf8 ? "…" : "~");
}

std::string clip_name(std::string_view name, std::size_t width, const Style& style) {
    if (columns(name) <= width || width < 4)
        return clip(name, width, style);
    const std::size_t tail = (width - 1) / 3;
    std::size_t begin = name.size();
    for (std::size_t kept = 0; kept < tail; kept += begins_character(name[begin]) ? 1 : 0)
        --begin;
    return clip(name, width - tail, style) + std::string(name.substr(begin));
}

std::string pad_right(std::string_view text, std::size_t width) {
    return std::string(text) + blanks(text, width);
}

std::string pad_left(std::string_view text, std::size_t width) {
    return blanks(text, width) + std::string(text);
}

} // namespace cachefiles::ctl
