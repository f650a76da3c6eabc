// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/worker.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace cachefiles::campaign {
namespace {

constexpr int max_plans = 64; // of one read; each is overtaken by an invalidation, or goes on

struct Fetch {
    const Source& source;
    std::uint32_t version;
};

ssize_t fetch(void* context, void* buffer, size_t length, uint64_t start) {
    const Fetch& from = *static_cast<const Fetch*>(context);
    return static_cast<ssize_t>(
        from.source.read(from.version, start, {static_cast<std::byte*>(buffer), length}));
}

/// How much of what arrived makes whole blocks, or reaches the end of the file.
std::size_t storable(const Source& source, std::uint32_t version, std::uint64_t start,
                     std::size_t arrived) {
    return start + arrived == source.size(version) ? arrived : arrived - arrived % block_size;
}

} // namespace

void Worker::read_through(CachedFile& file) {
    const std::shared_lock life(file.life);
    // What comes is of the version that the cookie has: it must not change meanwhile.
    const std::shared_lock content(file.content);
    const std::shared_lock coherency(file.coherency);
    if (file.cookie == nullptr || cachefiles_use(file.cookie, 0) < 0)
        return;
    const Range range = any_range(file);
    const std::uint32_t version = file.version;
    Fetch context{file.source, version};
    buffer_.resize(range.end - range.start);
    const ssize_t count = cachefiles_read_through(file.cookie, buffer_.data(), buffer_.size(),
                                                  range.start, &fetch, &context);
    const std::uint64_t expected = std::min(range.end, file.source.size(version)) - range.start;
    if (count != static_cast<ssize_t>(expected))
        work_.judge.wrong(fmt::format("read_through: {} instead of {} bytes at {} of file {}",
                                      count, expected, range.start, file.source.number()));
    else
        work_.judge.check(file.source, version, version, range.start,
                          std::span(buffer_).first(expected), "read_through");
    cachefiles_unuse(file.cookie, nullptr, 0, nullptr);
}

void Worker::read_by_plan(CachedFile& file) {
    const std::shared_lock life(file.life);
    if (file.cookie == nullptr || cachefiles_use(file.cookie, 0) < 0)
        return;
    const Range range = any_range(file);
    std::uint64_t position = range.start;
    for (int plans = 0; plans < max_plans && position < range.end; ++plans) {
        if (!read_planned(file, position, range.end))
            break;
    }
    cachefiles_unuse(file.cookie, nullptr, 0, nullptr);
}

bool Worker::read_planned(CachedFile& file, std::uint64_t& position, std::uint64_t end) {
    std::shared_lock content(file.content);
    const Planned planned = plan(file, position, end);
    if (planned.plan.length == 0)
        return false;
    switch (planned.plan.source) {
    case CACHEFILES_READ:
        read_cached(file, planned, position);
        return true;
    case CACHEFILES_STORE:
        content.unlock();
        fill(file, planned);
        break;
    case CACHEFILES_ZERO:
        if (position < file.source.size(planned.version))
            work_.judge.wrong(fmt::format("plan: zeros at {} of file {} version {}, size {}",
                                          position, file.source.number(), planned.version,
                                          file.source.size(planned.version)));
        return false;
    case CACHEFILES_DOWNLOAD:
        break;
    }
    position = planned.plan.start + planned.plan.length;
    return true;
}

/// `content` is held: the plan is for that version.
Worker::Planned Worker::plan(CachedFile& file, std::uint64_t start, std::uint64_t end) {
    const std::shared_lock coherency(file.coherency);
    Planned planned{.plan = {}, .version = file.version};
    cachefiles_plan_read(file.cookie, start, end - start, &planned.plan);
    return planned;
}

void Worker::read_cached(CachedFile& file, const Planned& planned, std::uint64_t& position) {
    const auto& [plan, version] = planned;
    buffer_.resize(plan.length);
    const ssize_t count = cachefiles_read(file.cookie, buffer_.data(), buffer_.size(), plan.start);
    if (count <= 0)
        return;
    // What was read may have been invalidated since; it is never of a version before the plan's.
    work_.judge.check(file.source, version, file.coming, plan.start,
                      std::span(buffer_).first(static_cast<std::size_t>(count)), "read");
    position = plan.start + static_cast<std::uint64_t>(count);
}

void Worker::fill(CachedFile& file, const Planned& planned) {
    const auto& [plan, version] = planned;
    // Read from the source while nothing is held: a change makes the plan void.
    buffer_.resize(plan.length);
    const std::size_t length = file.source.read(version, plan.start, buffer_);
    if (random_.one_in(4))
        std::this_thread::yield();
    // Sometimes less than was asked for arrives.
    const std::size_t arrived = random_.one_in(8) ? random_.below(length + 1) : length;
    if (arrived == 0)
        return;
    const ssize_t stored =
        cachefiles_store(file.cookie, &plan, buffer_.data(), arrived, plan.start);
    // Of less than that, nobody knows where it is: others have, or had, the rest.
    if (stored > 0 &&
        static_cast<std::size_t>(stored) == storable(file.source, version, plan.start, arrived))
        work_.journal.stored(file.source.number(), version, plan.start, arrived);
}

void Worker::fill_by_grant(CachedFile& file) {
    const std::shared_lock life(file.life);
    if (file.cookie == nullptr || cachefiles_use(file.cookie, 0) < 0)
        return;
    const Range range = any_range(file);
    std::shared_lock content(file.content);
    const Planned planned = plan(file, range.start, range.end);
    content.unlock();
    const std::uint64_t way = random_.below(8);
    cachefiles_grant grant{};
    if (planned.plan.source == CACHEFILES_STORE &&
        cachefiles_prepare_write(file.cookie, &planned.plan, planned.plan.start,
                                 planned.plan.length, &grant) == 1)
        write_grant(file, grant, planned.version, way);
    cachefiles_unuse(file.cookie, nullptr, 0, nullptr);
}

void Worker::write_grant(CachedFile& file, const cachefiles_grant& grant, std::uint32_t version,
                         std::uint64_t way) {
    buffer_.resize(grant.length);
    std::size_t length = file.source.read(version, grant.start, buffer_);
    if (way == 0) { // given up: what was written is of no account
        std::ranges::fill(buffer_, std::byte{0xee});
        // Late, so that others want to store the same meanwhile.
        std::this_thread::sleep_for(std::chrono::milliseconds(random_.below(5)));
    }
    if (way == 1) // given up in the middle
        length = random_.below(length + 1);
    const ssize_t written =
        ::pwrite(grant.fd, buffer_.data(), length, static_cast<off_t>(grant.start));
    const std::uint64_t counts = way == 0 || written < 0 ? 0 : static_cast<std::uint64_t>(written);
    if (cachefiles_commit_write(file.cookie, &grant, grant.start, counts) >= 0 && counts > 0)
        work_.journal.stored(file.source.number(), version, grant.start, counts);
}

} // namespace cachefiles::campaign
