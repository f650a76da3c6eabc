// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/ages_view.hpp"

#include "base/units.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

constexpr unsigned widest_stripe = 24;

double part(std::uint64_t of, std::uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(of) / static_cast<double>(all);
}

/// "max-size 1.0 TiB: keeps what was used within 12d"
std::string kept_by(std::string_view limit, const std::string& value, const AgeTable::Row* row) {
    const std::string kept = row == nullptr ? "all that is there, and has room for more"
                             : !row->within
                                 ? "nearly all that is there"
                                 : "about what was used within " + format_duration(*row->within);
    return fmt::format("{} {}: keeps {}\n", limit, value, kept);
}

/// What half of the history takes, for who wants to choose a max-size.
std::string median_line(const AgeTable& table) {
    const AgeTable::Row* const row = table.reaching_bytes(table.bytes() / 2);
    if (row == nullptr || !row->within)
        return {};
    return fmt::format("half of the bytes was used within {}\n", format_duration(*row->within));
}

std::string max_age_keeps(Seconds max_age) {
    return fmt::format("max-age {}: keeps what was used within {}\n", format_duration(max_age),
                       format_duration(max_age));
}

std::string kept_by_limits(const AgeTable& table, const LimitValues& limits) {
    std::string text;
    if (limits.max_size)
        text += kept_by("max-size", format_bytes(*limits.max_size),
                        table.reaching_bytes(*limits.max_size));
    if (limits.max_files)
        text += kept_by("max-files", format_count(*limits.max_files),
                        table.reaching_objects(*limits.max_files));
    if (limits.max_age)
        text += max_age_keeps(*limits.max_age);
    if (limits.min_age > 0)
        text += fmt::format("min-age {}: what was used within it stays, come what may\n",
                            format_duration(limits.min_age));
    return text;
}

} // namespace

AgeTable::AgeTable(const std::vector<Seconds>& bounds, const std::vector<AgeValues>& ages) {
    std::uint64_t kept_objects = 0, kept_bytes = 0;
    for (std::size_t i = 0; i < ages.size(); ++i) {
        kept_objects += ages[i].objects;
        kept_bytes += ages[i].bytes;
        rows.push_back({i < bounds.size() ? std::optional(bounds[i]) : std::nullopt,
                        ages[i].objects, ages[i].bytes, kept_objects, kept_bytes});
    }
}

std::uint64_t AgeTable::objects() const {
    return rows.empty() ? 0 : rows.back().kept_objects;
}

std::uint64_t AgeTable::bytes() const {
    return rows.empty() ? 0 : rows.back().kept_bytes;
}

const AgeTable::Row* AgeTable::reaching_bytes(std::uint64_t amount) const {
    const auto found = std::ranges::find_if(
        rows, [&](const Row& row) { return row.kept_bytes > 0 && row.kept_bytes >= amount; });
    return found == rows.end() ? nullptr : &*found;
}

const AgeTable::Row* AgeTable::reaching_objects(std::uint64_t amount) const {
    const auto found = std::ranges::find_if(
        rows, [&](const Row& row) { return row.kept_objects > 0 && row.kept_objects >= amount; });
    return found == rows.end() ? nullptr : &*found;
}

std::string ages_view(const AgeTable& table, const CacheValues& cache, const Style& style) {
    using enum Table::Align;
    Table text({{"LAST USED", left},
                {"OBJECTS", right},
                {"SIZE", right},
                {"SHARE", right},
                {"", left},
                {"A MAX-AGE OF IT KEEPS", right}});
    std::uint64_t largest = 0;
    for (const AgeTable::Row& row : table.rows)
        largest = std::max(largest, row.bytes);
    const unsigned room = style.width > 76 ? std::min(style.width - 68, widest_stripe) : 8;
    for (const AgeTable::Row& row : table.rows) {
        const std::string kept = fmt::format("{} {:>4}", format_bytes(row.kept_bytes),
                                             format_share(part(row.kept_bytes, table.bytes())));
        text.add({row.within ? "within " + format_duration(*row.within) : "longer ago",
                  format_count(row.objects), format_bytes(row.bytes),
                  format_share(part(row.bytes, table.bytes())),
                  stripe(part(row.bytes, largest), room, style), row.within ? kept : ""});
    }
    return text.text(style) + "\n" + median_line(table) + kept_by_limits(table, cache.limits);
}

Json ages_json(const AgeTable& table, const CacheValues& cache) {
    Json result{
        {"cache", cache.tag},    {"objects", table.objects()},      {"bytes", table.bytes()},
        {"ages", Json::array()}, {"limits", to_json(cache.limits)}, {"keeps", Json::object()}};
    for (const AgeTable::Row& row : table.rows)
        result["ages"].push_back(Json{{"within", row.within ? Json(*row.within) : Json(nullptr)},
                                      {"objects", row.objects},
                                      {"bytes", row.bytes},
                                      {"kept_objects", row.kept_objects},
                                      {"kept_bytes", row.kept_bytes}});
    const auto keeps = [&](const char* limit, const AgeTable::Row* row) {
        result["keeps"][limit] = row != nullptr && row->within ? Json(*row->within) : Json(nullptr);
    };
    if (cache.limits.max_size)
        keeps("max_size", table.reaching_bytes(*cache.limits.max_size));
    if (cache.limits.max_files)
        keeps("max_files", table.reaching_objects(*cache.limits.max_files));
    if (cache.limits.max_age)
        result["keeps"]["max_age"] = *cache.limits.max_age;
    return result;
}

} // namespace cachefiles::ctl
