// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/kernel_evictor.hpp"

#include "base/error.hpp"
#include "daemon/tree/directory_contents.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cachefiles::daemon {

using cull::Outcome;
using cull::Verdict;

namespace {

// A file system that refuses one deletion often refuses a million.
constexpr std::chrono::seconds warning_interval{10};

} // namespace

KernelEvictor::KernelEvictor(Parts parts) : parts_(std::move(parts)), warnings_(warning_interval) {}

void KernelEvictor::enter_thread() {
    if (unshare(CLONE_FS) != 0)
        throw SystemError("cannot give the culling thread a working directory of its own");
}

void KernelEvictor::evict(std::span<const index::Object> victims, std::span<Outcome> outcomes) {
    std::size_t at = 0;
    while (at < victims.size()) {
        const index::DirectoryId directory = victims[at].id.directory();
        const Verdict entered = enter(directory);
        bool evicted = false;
        for (; at < victims.size() && victims[at].id.directory() == directory; ++at) {
            outcomes[at] = entered == Verdict::pending ? evict_one(victims[at]) : Outcome{entered};
            evicted |= outcomes[at].verdict == Verdict::evicted;
            if (outcomes[at].verdict == Verdict::lost) {
                std::fill(outcomes.begin() + static_cast<std::ptrdiff_t>(at), outcomes.end(),
                          Outcome{Verdict::lost});
                return;
            }
        }
        if (evicted)
            parts_.changed(directory);
    }
}

/// Verdict::pending: the thread is in that directory.
Verdict KernelEvictor::enter(index::DirectoryId directory) {
    if (device_ == nullptr)
        return Verdict::lost;
    ++counters_.directories;
    const std::optional<index::Volume> volume = parts_.index.volume(directory.volume);
    if (!volume)
        return Verdict::gone;
    const Fd fd = parts_.tree.open_fanout(volume->key, directory.fanout);
    if (fd && fchdir(fd.get()) == 0)
        return Verdict::pending;
    if (errno == ENOENT || errno == ENOTDIR)
        return Verdict::gone;
    warn(fmt::format("cannot cull in directory @{:02x} of volume {}: {}", directory.fanout,
                     volume->key, errno_text(errno)));
    return Verdict::failed;
}

void KernelEvictor::warn(const std::string& text) {
    if (const auto held_back = warnings_.pass(parts_.clock.monotonic()))
        parts_.log.warning(
            *held_back == 0 ? text : fmt::format("{} (and {} more of the kind)", text, *held_back));
}

Outcome KernelEvictor::evict_one(const index::Object& victim) {
    // The file's times may know of a use that the index missed (events lost, another daemon):
    // then it is not the oldest, and goes back to its place.
    const std::chrono::nanoseconds start = parts_.clock.monotonic();
    ++counters_.stats;
    const std::optional<index::Attributes> now = look_at(AT_FDCWD, victim.name.c_str());
    if (now && now->last_use > victim.attributes.last_use)
        return {Verdict::used, now->last_use};
    const Verdict verdict = send(victim.name);
    if (verdict == Verdict::evicted)
        counters_.times.observe(parts_.clock.monotonic() - start);
    return {verdict, 0};
}

Verdict KernelEvictor::send(const std::string& name) {
    if (name.find('\n') != std::string::npos)
        return Verdict::failed; // it would end the command early: something else would be culled
    command_.assign("cull ");
    command_.append(name);
    ++counters_.questions;
    return understand(device_->command(command_), name);
}

/// The driver's answers: command-protocol.md section 7.
Verdict KernelEvictor::understand(int error, const std::string& name) {
    switch (error) {
    case 0:
        return Verdict::evicted;
    case ENOENT:
    case ESTALE: // the entry moved meanwhile, or its directory was removed
        return Verdict::gone;
    case EBUSY:
        return Verdict::busy;
    case EIO: // a dead cache, a race that was lost (it became busy), or something not to be removed
        if (!device_->alive())
            return Verdict::lost;
        [[fallthrough]];
    default:
        warn(fmt::format("the driver refuses to cull {}: {}", name, errno_text(error)));
        return Verdict::failed;
    }
}

Verdict KernelEvictor::evict_volume(const index::Volume& volume) {
    if (device_ == nullptr)
        return Verdict::lost;
    if (!parts_.in_step()) // something younger may be in it
        return Verdict::busy;
    const std::string name = CacheTree::volume_name(volume.key);
    if (name.empty() || fchdir(parts_.tree.cache()) != 0)
        return Verdict::failed;
    const Verdict verdict = send(name);
    // The driver answers success also if the directory is still there (command-protocol section 7).
    if (verdict == Verdict::evicted && parts_.tree.open_volume(volume.key))
        return device_->alive() ? Verdict::failed : Verdict::lost;
    return verdict;
}

std::optional<std::vector<index::ObjectId>> KernelEvictor::in_use() {
    return parts_.census.objects_in_use(parts_.index);
}

std::optional<std::vector<index::VolumeId>> KernelEvictor::volumes_in_use() {
    return parts_.census.volumes_in_use(parts_.index);
}

} // namespace cachefiles::daemon
