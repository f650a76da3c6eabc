// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/online_check.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace cachefiles::campaign {
namespace {

constexpr std::int64_t settled_after = 10'000; // ms: longer than any commit takes to come

std::vector<cachefiles_volume*> acquire_volumes(cachefiles_connection* connection) {
    std::vector<cachefiles_volume*> volumes;
    for (std::uint32_t number = 0; number < Source::volumes; ++number) {
        const std::string key = volume_key(number);
        cachefiles_volume* volume = nullptr;
        const int error =
            cachefiles_acquire_volume(connection, key.data(), key.size(), nullptr, "c", 1, &volume);
        if (error < 0)
            throw SystemError("acquire " + key, -error);
        volumes.push_back(volume);
    }
    return volumes;
}

} // namespace

Tally OnlineCheck::run(cachefiles_connection* connection) {
    const std::vector<cachefiles_volume*> volumes = acquire_volumes(connection);
    for (const Source& source : sources_)
        check_file(volumes[source.volume()], source);
    for (cachefiles_volume* volume : volumes)
        cachefiles_relinquish_volume(volume, nullptr, 0);
    tally_.wrong = judge_.wrong_count();
    return tally_;
}

std::uint32_t OnlineCheck::version_to_ask(const Source& source) {
    const std::uint32_t current = history_.files[source.number()].version;
    const std::uint64_t drawn = random_.below(16);
    if (drawn == 0)
        return current + 1;
    if (drawn <= 2 && current > 0)
        return current - 1 - static_cast<std::uint32_t>(random_.below(std::min(current, 3U)));
    return current;
}

void OnlineCheck::check_file(cachefiles_volume* volume, const Source& source) {
    const FileHistory& file = history_.files[source.number()];
    const std::uint32_t version = version_to_ask(source);
    const std::string& key = source.key();
    const std::string aux = source.aux(version);
    cachefiles_cookie* cookie = nullptr;
    const int error = cachefiles_acquire_cookie(volume, key.data(), key.size(), aux.data(),
                                                aux.size(), source.size(version), &cookie);
    if (error < 0)
        throw SystemError(fmt::format("acquire file {}", source.number()), -error);
    if (cachefiles_use(cookie, 0) >= 0) {
        const std::set<std::uint64_t> present = read_all(cookie, source, version);
        if (version == file.version) {
            count_lost(file, present);
            found_[source.number()] = present;
        }
        cachefiles_unuse(cookie, nullptr, 0, nullptr);
    }
    cachefiles_relinquish_cookie(cookie, 0);
}

std::set<std::uint64_t> OnlineCheck::read_all(cachefiles_cookie* cookie, const Source& source,
                                              std::uint32_t version) {
    std::set<std::uint64_t> present;
    const std::uint64_t size = source.size(version);
    for (std::uint64_t position = 0; position < size;) {
        cachefiles_plan plan{};
        cachefiles_plan_read(cookie, position, size - position, &plan);
        if (plan.length == 0 || plan.source == CACHEFILES_ZERO) {
            judge_.wrong(fmt::format("plan: zeros or nothing at {} of file {} version {}, size {}",
                                     position, source.number(), version, size));
            break;
        }
        const std::uint64_t end = plan.start + plan.length;
        for (std::uint64_t block = plan.start / block_size;
             plan.source == CACHEFILES_READ && block * block_size < end; ++block) {
            const std::uint64_t start = std::max(plan.start, block * block_size);
            if (read_range(cookie, source, version, start,
                           std::min(end, (block + 1) * block_size) - start))
                present.insert(block);
        }
        position = end;
    }
    return present;
}

bool OnlineCheck::read_range(cachefiles_cookie* cookie, const Source& source, std::uint32_t version,
                             std::uint64_t start, std::uint64_t length) {
    std::vector<std::byte> data(length);
    const ssize_t count = cachefiles_read(cookie, data.data(), length, start);
    if (count < 0)
        return false;
    ++tally_.compared;
    if (static_cast<std::uint64_t>(count) != length)
        judge_.wrong(fmt::format("read: {} of {} bytes at {} of file {} version {}", count, length,
                                 start, source.number(), version));
    else
        judge_.check(source, version, version, start, data,
                     fmt::format("after the restart (current is {})",
                                 history_.files[source.number()].version));
    return true;
}

void OnlineCheck::note_found(Journal& journal) const {
    for (const Source& source : sources_) {
        const std::uint32_t version = history_.files[source.number()].version;
        journal.coming(source.number(), version);
        journal.current(source.number(), version);
        const auto found = found_.find(source.number());
        if (found == found_.end())
            continue;
        for (const std::uint64_t block : found->second) {
            const std::uint64_t start = block * block_size;
            journal.stored(source.number(), version, start,
                           std::min(block_size, source.size(version) - start));
        }
    }
}

void OnlineCheck::count_lost(const FileHistory& file, const std::set<std::uint64_t>& present) {
    for (const auto& [block, when] : file.blocks) {
        ++tally_.expected;
        if (present.contains(block))
            continue;
        if (file.modifying || !file.told)
            ++tally_.lost_modifying;
        else if (history_.end - when < settled_after)
            ++tally_.lost_recent;
        else
            ++tally_.lost_settled;
    }
}

} // namespace cachefiles::campaign
