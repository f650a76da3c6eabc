// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/warm_view.hpp"

#include "base/units.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cachefiles::ctl {
namespace {

std::string files_text(std::uint64_t count) {
    return fmt::format("{} file{}", format_count(count), count == 1 ? "" : "s");
}

/// The source may have grown since it was looked at.
double fraction(const WarmValues& values) {
    const std::uint64_t all = std::max(values.found.lacking_bytes, values.count.bytes);
    return all == 0 ? 1 : static_cast<double>(values.count.bytes) / static_cast<double>(all);
}

std::string rate_text(double per_second) {
    return format_bytes(static_cast<std::uint64_t>(per_second)) + "/s";
}

std::string already_there(std::uint64_t files) {
    return files == 0 ? "" : fmt::format("; {} there already", files_text(files));
}

} // namespace

std::string warm_text(const WarmValues& values) {
    std::string text = fmt::format(
        "{}, {} of {}, {}", format_share(fraction(values)), format_bytes(values.count.bytes),
        format_bytes(std::max(values.found.lacking_bytes, values.count.bytes)),
        files_text(values.count.files));
    if (values.per_second < 1)
        return text;
    text += ", " + rate_text(values.per_second);
    if (values.found.lacking_bytes > values.count.bytes) {
        const auto left = static_cast<double>(values.found.lacking_bytes - values.count.bytes);
        text +=
            fmt::format(", {} left",
                        format_duration(static_cast<Seconds>(std::ceil(left / values.per_second))));
    }
    return text;
}

std::string warm_progress(const WarmValues& values, const Style& style) {
    const unsigned room = style.width > 90 ? 30 : 10;
    return clip(bar(fraction(values), room, style) + " " + warm_text(values), style.width - 1,
                style);
}

std::string warm_result(const WarmValues& values) {
    const WarmCount& count = values.count;
    std::string text = fmt::format("{}Read {} to the end, {}", values.canceled ? "Canceled: " : "",
                                   files_text(count.files), format_bytes(count.bytes));
    if (values.seconds > 0 && count.bytes > 0)
        text += fmt::format(" at {}", rate_text(static_cast<double>(count.bytes) / values.seconds));
    text += already_there(count.there);
    if (count.unreadable > 0)
        text += fmt::format("; {} cannot be read", format_count(count.unreadable));
    if (count.missing > 0 && !count.in_vain)
        text += fmt::format("; {} of what was read did not stay in the cache",
                            format_bytes(count.missing));
    return text + (values.canceled ? "; the same again goes on from there.\n" : ".\n");
}

std::string warm_plan(const TreeSum& found) {
    return fmt::format("Would read {}, {}{}.\n", files_text(found.files - found.whole),
                       format_bytes(found.lacking_bytes), already_there(found.whole));
}

Json warm_json(const WarmValues& values, bool dry_run) {
    const WarmCount& count = values.count;
    const TreeSum& found = values.found;
    return {{"state", values.canceled ? "canceled"
                      : count.in_vain ? "failed"
                                      : "done"},
            {"dry_run", dry_run},
            {"files", dry_run ? found.files - found.whole : count.files},
            {"bytes", dry_run ? found.lacking_bytes : count.bytes},
            {"there_files", dry_run ? found.whole : count.there},
            {"there_bytes", dry_run ? found.bytes - found.lacking_bytes : count.there_bytes},
            {"kept_bytes", count.kept},
            {"missing_bytes", count.missing},
            {"unreadable", count.unreadable}};
}

} // namespace cachefiles::ctl
