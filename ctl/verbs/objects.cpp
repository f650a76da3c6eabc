// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes_text.hpp"
#include "base/units.hpp"
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/table.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <algorithm>
#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array objects_options{
    Option{"limit", "N", "at most so many, 1000 by default; 0: all"},
};

constexpr std::uint64_t usual_limit = 1000;
constexpr std::uint64_t page_size = 10'000; // the most that the daemon gives at a time
/// So many rows are formatted together: the columns are as wide as they need.
constexpr std::uint64_t page_of_table = 1000;

std::string table_of(const std::vector<ObjectValues>& objects, std::uint64_t now, bool headings,
                     const Style& style) {
    using enum Table::Align;
    Table table({{headings ? "OBJECT" : "", right},
                 {headings ? "SIZE" : "", right},
                 {headings ? "LAST USED" : "", right},
                 {headings ? "NAME" : "", left}});
    for (const ObjectValues& object : objects)
        table.add({std::to_string(object.number), format_bytes(object.bytes),
                   object.in_use ? "in use" : format_ago(now, object.last_use),
                   visible(object.volume + "/" + bytes_text(object.name))});
    return table.text(style);
}

std::string text_of(const Context& context, const std::vector<ObjectValues>& objects,
                    std::uint64_t now, bool headings) {
    if (!context.json())
        return objects.empty() ? "" : table_of(objects, now, headings, context.style());
    std::string lines;
    for (const ObjectValues& object : objects)
        lines += to_line(to_json(object));
    return lines;
}

ExitStatus run_objects(Context& context, const Arguments& arguments) {
    const std::uint64_t asked = arguments.number("limit").value_or(usual_limit);
    const std::uint64_t limit = asked == 0 ? ~std::uint64_t{0} : asked;
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    const std::string volume = arguments.operand(0);
    if (!volume.empty())
        (void)find_volume(snapshot, cache, volume);
    // Asked for as it is read: of a million objects nobody waits for the last, or has them all.
    Pager output = context.pager();
    std::uint64_t count = 0;
    std::string cursor;
    bool reads_on = true;
    do {
        const std::uint64_t most =
            std::min(limit - count, context.json() ? page_size : page_of_table);
        const ObjectPage page =
            service.list(cache.path, volume, cursor, static_cast<std::uint32_t>(most));
        reads_on = output.write(text_of(context, page.objects, snapshot.time, count == 0));
        count += page.objects.size();
        cursor = page.next;
    } while (reads_on && !cursor.empty() && count < limit);
    output.end();
    if (!reads_on)
        return ExitStatus::success;
    if (!cursor.empty())
        context.say("There are more: --limit 0 lists all of them.\n");
    if (count == 0)
        context.say("There are no objects.\n");
    return ExitStatus::success;
}

} // namespace

Verb objects_verb() {
    return {"objects",       "[VOLUME]", 0, 1, "the files of the cache, least recently used first",
            objects_options, run_objects};
}

} // namespace cachefiles::ctl
