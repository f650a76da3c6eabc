// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/verifier.hpp"

#include <fmt/format.h>

#include <utility>

namespace cachefiles::index {
namespace {

/// Rows checked in one step: some 20 ms.
constexpr std::size_t rows_per_step = 16'384;
/// Enough to see what is wrong; a damaged page alone may be hundreds of lines.
constexpr std::size_t most_differences = 100;

} // namespace

Verifier::Verifier(Store& store) : store_(&store) {
    store_->volumes().set_audit(&audit_);
}

Verifier::~Verifier() {
    if (store_ != nullptr)
        store_->volumes().set_audit(nullptr);
}

bool Verifier::step() {
    if (!std::exchange(structure_checked_, true)) {
        check_structure();
        return true;
    }
    const std::vector<Object> rows =
        store_->objects().page(audit_.position() + 1, INT64_MAX, rows_per_step);
    check_rows(rows);
    rows_ += rows.size();
    if (rows.size() == rows_per_step)
        return true;
    check_totals();
    check_order();
    return false;
}

void Verifier::differs(std::string line) {
    if (differences_.size() < most_differences)
        differences_.push_back(std::move(line));
}

void Verifier::check_structure() {
    for (const std::string& line : store_->quick_check())
        differs("SQLite: " + line);
}

void Verifier::check_rows(const std::vector<Object>& rows) {
    for (const Object& row : rows) {
        audit_.count(row.id, Delta::of(row.attributes));
        const std::int64_t home = store_->objects().hash().home(row.id.directory(), row.name);
        if (row.id.value() < home || row.id.value() >= home + NameHash::window)
            differs(fmt::format("object {} is not where its name '{}' is looked for",
                                row.id.value(), row.name));
        const Volume* volume = store_->volumes().find(row.id.volume());
        if (volume != nullptr && volume->newest_use < row.attributes.last_use) {
            differs(fmt::format("volume {} was used at {}, later than its {}", volume->id,
                                row.attributes.last_use, volume->newest_use));
            store_->change();
            store_->volumes().used(volume->id, row.attributes.last_use);
        }
    }
}

void Verifier::check_totals() {
    store_->volumes().set_audit(nullptr); // what follows are repairs
    const auto compare = [this](VolumeId id, const Totals& noted, const Totals& counted) {
        if (noted == counted)
            return;
        differs(fmt::format("volume {}: noted {} objects, {} bytes, {} in use; "
                            "counted {}, {}, {}",
                            id, noted.objects, noted.bytes, noted.in_use, counted.objects,
                            counted.bytes, counted.in_use));
        store_->change();
        store_->volumes().charge(id, Delta::of(counted) - Delta::of(noted));
    };
    for (const Volume& volume : store_->volumes().all()) {
        const auto counted = audit_.sums().find(volume.id);
        compare(volume.id, volume.totals,
                counted != audit_.sums().end() ? counted->second : Totals{});
    }
    for (const auto& [id, counted] : audit_.sums()) {
        if (store_->volumes().find(id) != nullptr || counted == Totals{})
            continue;
        differs(fmt::format("{} objects of an unknown volume {}: forgotten", counted.objects, id));
        store_->change(counted.objects);
        while (store_->objects().forget_some(id, rows_per_step) != Totals{}) {
        }
    }
}

void Verifier::check_order() {
    if (!store_->order().built())
        return;
    const std::uint64_t objects = store_->volumes().totals().objects;
    const std::uint64_t entries = store_->order().count();
    if (entries == objects)
        return;
    differs(fmt::format("{} objects in the recency order, {} in the table", entries, objects));
    store_->change();
    store_->order().build();
}

} // namespace cachefiles::index
