// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/context.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <span>
#include <utility>

namespace cachefiles::cache::store {
namespace {

constexpr std::chrono::minutes between_warnings{1};

} // namespace

Context::Context(Options options)
    : root(options.root, options.directory), log(options.log), clock(options.clock),
      graveyard(root.graveyard(), options.clock),
      space(std::make_shared<SpaceCheck>(root.root(), std::move(options.stop_limits),
                                         std::move(options.space_judge))),
      index(options.index), on_changed(std::move(options.on_changed)),
      counters(std::move(options.counters)),
      commits(index != nullptr ? make_queue(options.commit_interval) : nullptr),
      recency(index != nullptr ? std::make_shared<Recency>(*index, clock) : nullptr),
      events_(options.events), on_released_(std::move(options.on_released)),
      warnings_(between_warnings) {}

// A file may outlive it, and knows both.
Context::~Context() {
    if (recency)
        recency->stop();
    if (commits)
        commits->stop();
}

std::shared_ptr<CommitQueue> Context::make_queue(std::chrono::milliseconds interval) {
    CommitQueue::Options options;
    options.set = [this](std::span<const index::MapUpdate> updates) {
        index->merge_content_maps(updates);
        return index->commit();
    };
    options.failed = [this](int error) {
        failed("cannot bring the data of an object to the disk", error);
    };
    options.took = [counters = counters](std::chrono::nanoseconds time) {
        counters->commit_times.observe(time);
    };
    options.interval = interval;
    return std::make_shared<CommitQueue>(std::move(options));
}

void Context::failed(std::string_view action, int error) {
    if (error == EIO || error == EUCLEAN || error == EROFS) {
        broken(action, error);
        return;
    }
    if (error == ENOSPC || error == EDQUOT)
        return;
    const std::lock_guard lock(mutex_);
    if (const std::optional<std::uint64_t> held_back = warnings_.pass(clock.monotonic())) {
        const std::string more = *held_back > 0 ? fmt::format(" ({} more)", *held_back) : "";
        log.warning(fmt::format("{}: {}{}", action, errno_text(error), more));
    }
}

void Context::broken(std::string_view action, int error) {
    events_.io_error(fmt::format("{}: {}", action, errno_text(error)));
}

void Context::released(int fd) const {
    struct stat status{};
    if (on_released_ && fstat(fd, &status) == 0)
        on_released_(static_cast<std::uint64_t>(status.st_blocks));
}

} // namespace cachefiles::cache::store
