// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bus/fake_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace cachefiles::tests {
namespace {

using daemon::admin::CacheReport;
using daemon::admin::ObjectReport;
using daemon::admin::VolumeReport;

struct FakeVolume {
    index::VolumeId id;
    std::string key;
    unsigned objects;
    unsigned in_use;
    bool pinned;
    bool by_configuration;
};

/// Keys as file systems choose them, and one that is not UTF-8.
const std::vector<FakeVolume>& volumes() {
    static const std::vector<FakeVolume> all{
        {1, "nfs,4.2,2,,a0000000a,0,0,,100000,100000,2ee,bb8,2ee,bb8,0", 30, 5, true, true},
        {2, "9p,tag,projects", 12'000, 0, false, false},
        {7, std::string("user\\files\xff\n", 12), 2, 0, true, false},
    };
    return all;
}

constexpr std::uint64_t block = index::ContentMap::block_size;

ObjectReport object_of(const FakeVolume& volume, unsigned number) {
    ObjectReport report;
    const auto fanout = static_cast<std::uint8_t>(number % 256);
    const std::int64_t hash = 1 + number;
    report.object.id = index::ObjectId(
        (index::DirectoryId{volume.id, fanout}.packed() << index::ObjectId::hash_bits) | hash);
    report.object.name = fmt::format("E{:05d}", number);
    if (volume.id == 7 && number == 1)
        report.object.name = "D\xfe name";
    report.object.attributes.bytes = block * (1 + number % 8);
    report.object.attributes.last_use = fake_now - 60 * (1 + number) - 3600 * Seconds{volume.id};
    const bool in_use = number < volume.in_use;
    report.object.attributes.state = in_use ? index::ObjectState::in_use : index::ObjectState::idle;
    report.volume = volume.key;
    report.path = fmt::format("cache/I{}/@{:02x}/{}", volume.key, fanout, report.object.name);
    report.content = std::string(1, static_cast<char>((1U << (1 + number % 8)) - 1));
    report.extents = 1 + static_cast<std::uint64_t>(number % 3);
    return report;
}

VolumeReport report_of(const FakeVolume& volume) {
    VolumeReport report;
    report.id = volume.id;
    report.key = volume.key;
    report.totals.objects = volume.objects;
    report.totals.in_use = volume.in_use;
    for (unsigned i = 0; i < volume.objects; ++i)
        report.totals.bytes += object_of(volume, i).object.attributes.bytes;
    report.newest_use = object_of(volume, 0).object.attributes.last_use;
    report.pinned = volume.pinned;
    report.pinned_by_configuration = volume.by_configuration;
    return report;
}

} // namespace

CacheReport fake_report() {
    CacheReport report;
    report.tag = "my-cache";
    report.directory = "/var/cache/fscache";
    report.in_step = true;
    report.losses = 1;
    report.limits.max_size = 8ULL << 30;
    report.limits.max_files = 100'000;
    report.limits.min_free = 1ULL << 30;
    report.limits.max_age = 30 * Seconds{86400};
    report.limits.min_age = 60;
    for (const FakeVolume& volume : volumes()) {
        report.volumes.push_back(report_of(volume));
        report.totals.objects += report.volumes.back().totals.objects;
        report.totals.bytes += report.volumes.back().totals.bytes;
        report.totals.in_use += report.volumes.back().totals.in_use;
    }
    report.oldest_use = fake_objects().front().object.attributes.last_use;
    report.space = {4096, 5'000'000, 1'500'000, 1'310'720, 1'000'000};
    report.statistics = {{"culled_objects_total", 1234}, {"culled_bytes_total", 5e9}};
    return report;
}

std::vector<ObjectReport> fake_objects() {
    std::vector<ObjectReport> all;
    for (const FakeVolume& volume : volumes()) {
        for (unsigned i = 0; i < volume.objects; ++i)
            all.push_back(object_of(volume, i));
    }
    std::ranges::sort(all, {}, [](const ObjectReport& report) {
        const index::Attributes& attributes = report.object.attributes;
        return std::tuple(attributes.state, attributes.last_use, report.object.id);
    });
    return all;
}

} // namespace cachefiles::tests
