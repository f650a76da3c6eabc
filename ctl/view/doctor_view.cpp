// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/doctor_view.hpp"

#include "ctl/text/paint.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

using FindingLevel = doctor::Finding::Level;

Ink ink_of(FindingLevel level) {
    switch (level) {
    case FindingLevel::good:
        return Ink::green;
    case FindingLevel::note:
        break;
    case FindingLevel::warning:
        return Ink::yellow;
    case FindingLevel::error:
        return Ink::red;
    }
    return Ink::plain;
}

constexpr std::size_t level_width = 9;
constexpr std::size_t subject_width = 15;

/// Broken between words, further lines below the first.
std::string wrapped(std::string_view text, std::size_t indent, const Style& style) {
    const std::size_t room = style.width > indent + 20 ? style.width - indent : 20;
    std::string result;
    std::size_t column = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        if (column > 0 && column + 1 + columns(word) > room) {
            result += "\n" + std::string(indent, ' ');
            column = 0;
        } else if (column > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += columns(word);
        at = end + 1;
    }
    return result + "\n";
}

std::size_t count(const doctor::Findings& findings, FindingLevel level) {
    return static_cast<std::size_t>(std::ranges::count(findings, level, &doctor::Finding::level));
}

} // namespace

bool any_wrong(const doctor::Findings& findings) {
    return count(findings, FindingLevel::warning) + count(findings, FindingLevel::error) > 0;
}

std::string doctor_view(const doctor::Findings& findings, const Style& style) {
    std::string text;
    for (const doctor::Finding& each : findings) {
        text += paint(style, ink_of(each.level), pad_right(to_string(each.level), level_width));
        text += pad_right(each.subject, subject_width);
        text += wrapped(visible(each.text), level_width + subject_width, style);
        if (each.remedy.empty())
            continue;
        const std::size_t indent = level_width + subject_width;
        text += std::string(indent, ' ') + wrapped("-> " + visible(each.remedy), indent + 3, style);
    }
    return text +
           fmt::format("\n{} errors, {} warnings, {} notes\n", count(findings, FindingLevel::error),
                       count(findings, FindingLevel::warning), count(findings, FindingLevel::note));
}

Json doctor_json(const doctor::Findings& findings) {
    Json result{{"healthy", !any_wrong(findings)}, {"findings", Json::array()}};
    for (const doctor::Finding& each : findings)
        result["findings"].push_back(Json{{"level", to_string(each.level)},
                                          {"subject", each.subject},
                                          {"text", each.text},
                                          {"remedy", each.remedy}});
    return result;
}

} // namespace cachefiles::ctl
