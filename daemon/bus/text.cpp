// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/text.hpp"

#include "daemon/bus/names.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace cachefiles::daemon::bus {
namespace {

constexpr std::uint64_t usec_per_second = 1'000'000;

} // namespace

std::string to_string(admin::CacheState state) {
    switch (state) {
    case admin::CacheState::online:
        return "online";
    case admin::CacheState::lost:
        return "lost";
    case admin::CacheState::stopping:
        break;
    }
    return "stopping";
}

std::string to_string(admin::JobKind kind) {
    switch (kind) {
    case admin::JobKind::cull:
        return "cull";
    case admin::JobKind::purge:
        return "purge";
    case admin::JobKind::verify:
        return "verify";
    case admin::JobKind::dump:
        break;
    }
    return "dump";
}

std::string to_string(admin::JobState state) {
    switch (state) {
    case admin::JobState::waiting:
        return "waiting";
    case admin::JobState::running:
        return "running";
    case admin::JobState::done:
        return "done";
    case admin::JobState::canceled:
        return "canceled";
    case admin::JobState::failed:
        break;
    }
    return "failed";
}

bool ended(admin::JobState state) {
    return state != admin::JobState::waiting && state != admin::JobState::running;
}

std::uint64_t to_usec(Seconds seconds) {
    if (seconds <= 0)
        return 0;
    const auto value = static_cast<std::uint64_t>(seconds);
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return value > most / usec_per_second ? most : value * usec_per_second;
}

Seconds from_usec(std::uint64_t usec) {
    return static_cast<Seconds>(usec / usec_per_second + (usec % usec_per_second != 0 ? 1 : 0));
}

Dictionary to_dictionary(const cull::Limits& limits) {
    const auto number = [](std::optional<std::uint64_t> value) {
        return sdbus::Variant(value.value_or(0));
    };
    const cull::Watermarks::Window& blocks = limits.watermarks.blocks;
    const cull::Watermarks::Window& files = limits.watermarks.files;
    const auto percent = [](unsigned value) {
        return sdbus::Variant(std::uint32_t{value});
    };
    return {
        {"max-size", number(limits.max_size)},
        {"max-files", number(limits.max_files)},
        {"min-free", number(limits.min_free)},
        {"max-age-usec", sdbus::Variant(to_usec(limits.max_age.value_or(0)))},
        {"min-age-usec", sdbus::Variant(to_usec(limits.min_age))},
        {"brun", percent(blocks.run)},
        {"bcull", percent(blocks.cull)},
        {"bstop", percent(blocks.stop)},
        {"frun", percent(files.run)},
        {"fcull", percent(files.cull)},
        {"fstop", percent(files.stop)},
    };
}

Dictionary result_of(const admin::JobReport& job) {
    Dictionary result{
        {"objects", sdbus::Variant(job.objects)},
        {"bytes", sdbus::Variant(job.bytes)},
        {"busy", sdbus::Variant(job.busy)},
    };
    if (job.kind == admin::JobKind::verify) {
        std::vector<std::string> findings;
        std::ranges::transform(job.findings, std::back_inserter(findings), utf8_text);
        result.emplace("findings", sdbus::Variant(findings));
    }
    return result;
}

} // namespace cachefiles::daemon::bus
