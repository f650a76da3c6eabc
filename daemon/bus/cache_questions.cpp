// SPDX-License-Identifier: GPL-2.0-or-later
// What a cache tells about its objects.
#include "base/bytes_text.hpp"
#include "daemon/bus/ask.hpp"
#include "daemon/bus/bytes.hpp"
#include "daemon/bus/cache_object.hpp"
#include "daemon/bus/errors.hpp"
#include "daemon/bus/interface.hpp"
#include "daemon/bus/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace cachefiles::daemon::bus {
namespace {

// Messages have an end: who wants all takes DumpObjects.
constexpr std::uint32_t most_listed = 10'000;
constexpr std::size_t most_bounds = 1'000;
constexpr unsigned most_listings = 8;

using Listed = sdbus::Struct<std::int64_t, std::string, std::uint8_t, Bytes, std::uint64_t,
                             std::int64_t, bool>;
using AgeSum = sdbus::Struct<std::uint64_t, std::uint64_t>;

std::int64_t last_use_of(const index::Object& object) {
    return static_cast<std::int64_t>(to_usec(object.attributes.last_use));
}

bool in_use(const index::Object& object) {
    return object.attributes.state == index::ObjectState::in_use;
}

std::vector<Listed> to_listed(const std::vector<admin::ObjectReport>& reports) {
    std::vector<Listed> objects;
    objects.reserve(reports.size());
    for (const admin::ObjectReport& report : reports) {
        const index::Object& object = report.object;
        objects.emplace_back(object.id.value(), bytes_text(report.volume),
                             object.id.directory().fanout, Bytes{object.name},
                             object.attributes.bytes, last_use_of(object), in_use(object));
    }
    return objects;
}

Dictionary to_dictionary(const admin::ObjectReport& report) {
    const index::Object& object = report.object;
    Dictionary all{
        {"number", sdbus::Variant(object.id.value())},
        {"volume", sdbus::Variant(bytes_text(report.volume))},
        {"directory", sdbus::Variant(object.id.directory().fanout)},
        {"name", sdbus::Variant(Bytes{object.name})},
        {"size", sdbus::Variant(object.attributes.bytes)},
        {"last-use-usec", sdbus::Variant(last_use_of(object))},
        {"in-use", sdbus::Variant(in_use(object))},
        {"path", sdbus::Variant(Bytes{report.path})},
    };
    if (report.content) {
        all.emplace("block-size", sdbus::Variant(std::uint64_t{index::ContentMap::block_size}));
        all.emplace("content", sdbus::Variant(Bytes{*report.content}));
    }
    if (report.extents)
        all.emplace("extents", sdbus::Variant(*report.extents));
    return all;
}

admin::ObjectQuery read_query(Call& call) {
    admin::ObjectQuery query;
    query.volume = volume_key(call.read<std::string>());
    query.cursor = call.read<std::string>();
    const auto limit = call.read<std::uint32_t>();
    if (limit == 0 || limit > most_listed)
        throw invalid_arguments(fmt::format("limit: it is 1 to {}", most_listed));
    query.limit = limit;
    return query;
}

/// Counts as one listing until it ends, in whatever thread.
class Listing final {
public:
    explicit Listing(std::shared_ptr<std::atomic<unsigned>> count) : count_(std::move(count)) {
        if (count_->fetch_add(1) < most_listings)
            return;
        count_->fetch_sub(1);
        throw limits_exceeded("too many listings are under way: try again later");
    }
    ~Listing() { count_->fetch_sub(1); }
    Listing(const Listing&) = delete;
    Listing& operator=(const Listing&) = delete;

private:
    std::shared_ptr<std::atomic<unsigned>> count_;
};

std::vector<Seconds> read_bounds(Call& call) {
    const auto usecs = call.read<std::vector<std::uint64_t>>();
    if (usecs.size() > most_bounds)
        throw invalid_arguments(fmt::format("bounds: there are more than {}", most_bounds));
    if (std::ranges::adjacent_find(usecs, std::greater_equal()) != usecs.end())
        throw invalid_arguments("bounds: they do not ascend");
    std::vector<Seconds> bounds;
    std::ranges::transform(usecs, std::back_inserter(bounds), from_usec);
    return bounds;
}

} // namespace

void CacheObject::describe_questions() {
    Context& context = context_;
    admin::Administration& administration = *context.parts.administration;
    const Argument volume{"volume", "s"};
    Interface(object(), interface(), context.parts.log)
        .method("ListObjects", {volume, {"cursor", "s"}, {"limit", "u"}},
                {{"objects", "a(xsyaytxb)"}, {"next", "s"}},
                [&](Call& call) {
                    const admin::ObjectQuery query = read_query(call);
                    context.authority.check(call, Action::inspect, [&, query](Call& allowed) {
                        const auto listing = std::make_shared<const Listing>(context.listings);
                        ask<admin::ObjectPage>(
                            context, allowed,
                            [&](auto answer) { administration.list(query, std::move(answer)); },
                            [listing](Call& waiting, const admin::ObjectPage& page) {
                                waiting.reply(to_listed(page.objects), utf8_text(page.next));
                            });
                    });
                })
        .method("ShowObject", {volume, {"name", "ay"}}, {{"object", "a{sv}"}},
                [&](Call& call) {
                    const std::string key =
                        volume_key(call.read<std::string>()).value_or(std::string());
                    const std::string name = call.read<Bytes>().value;
                    context.authority.check(call, Action::inspect, [&, key, name](Call& allowed) {
                        ask<admin::ObjectReport>(
                            context, allowed,
                            [&](auto answer) { administration.show(key, name, std::move(answer)); },
                            [](Call& waiting, const admin::ObjectReport& report) {
                                waiting.reply(to_dictionary(report));
                            });
                    });
                })
        .method("GetAges", {{"bounds", "at"}}, {{"ages", "a(tt)"}}, [&](Call& call) {
            const std::vector<Seconds> bounds = read_bounds(call);
            ask<std::vector<admin::Age>>(
                context, call, [&](auto answer) { administration.ages(bounds, std::move(answer)); },
                [](Call& waiting, const std::vector<admin::Age>& sums) {
                    std::vector<AgeSum> ages;
                    ages.reserve(sums.size());
                    for (const admin::Age& age : sums)
                        ages.emplace_back(age.objects, age.bytes);
                    waiting.reply(ages);
                });
        });
}

} // namespace cachefiles::daemon::bus
