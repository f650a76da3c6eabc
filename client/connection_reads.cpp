// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/busy.hpp"
#include "client/connection.hpp"
#include "protocol/netfs/read_plan.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

namespace cachefiles::client {

namespace netfs = protocol::netfs;
using Clock = std::chrono::steady_clock;
using Section = ReadSections::Section;

namespace {

using netfs::block_size;
/// Files that ended before they could be used, one after another: it is not worth going on.
constexpr int most_ended = 8;

/// What was read stands before what is looked at afterwards.
void after_reads() {
#ifndef __SANITIZE_THREAD__ // which knows no fences, and runs where loads stay in order
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
}

/// Bytes, fewer only at the end of the file; a negative errno.
ssize_t read_all(int descriptor, char* buffer, std::size_t length, std::uint64_t start) {
    std::size_t done = 0;
    while (done < length) {
        const ssize_t count =
            ::pread(descriptor, buffer + done, length - done, static_cast<off_t>(start + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
}

} // namespace

ssize_t Connection::read(Cookie& cookie, char* buffer, std::size_t length, std::uint64_t start) {
    std::uint64_t broken = 0;
    {
        const Section section(sections_);
        const OpenFile* file = cookie.current.load(std::memory_order_seq_cst);
        if (file == nullptr || !file->valid())
            return -ENODATA;
        const std::uint64_t size = file->size();
        if (length == 0 || start >= size)
            return 0;
        const std::size_t wanted = std::min<std::uint64_t>(length, size - start);
        if (!file->present(start / block_size, (start + wanted - 1) / block_size))
            return -ENODATA;
        const ssize_t count = read_all(file->descriptor.get(), buffer, wanted, start);
        after_reads();
        // The pointer, too: a daemon that has died ends no generations.
        if (!file->valid() || cookie.current.load(std::memory_order_acquire) != file ||
            !daemon_lives())
            return -ENODATA;
        if (count == static_cast<ssize_t>(wanted)) {
            if (!cookie.touched.load(std::memory_order_relaxed))
                cookie.touched.store(true, std::memory_order_relaxed);
            return count;
        }
        if (count == -EFAULT)
            return count;
        broken = file->serial;
    }
    give_up_file(cookie, broken);
    return -ENODATA;
}

/// A daemon that was killed ends no generations, and the next one may use its files for others. The
/// thread sees the end of the socket at once, if it gets to run: who has been stopped for a while
/// looks here before it believes what it has read.
bool Connection::daemon_lives() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    const std::int64_t now = time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
    if (now - seen_alive_.load(std::memory_order_relaxed) < options_.alive_interval.count())
        return true;
    const Lock lock(mutex_);
    if (link_ == nullptr)
        return false;
    pollfd watched{link_->descriptor(), POLLRDHUP, 0};
    if (::poll(&watched, 1, 0) != 0) {
        lose_link(link_.get());
        return false;
    }
    seen_alive_.store(now, std::memory_order_relaxed);
    return true;
}

/// It does not have what its map says: the disk fails. Not asked for again in this use.
void Connection::give_up_file(Cookie& cookie, std::uint64_t serial) {
    const Lock lock(mutex_);
    if (cookie.file == nullptr || cookie.file->serial != serial)
        return;
    end_file(cookie);
    cookie.shut = true;
}

cachefiles_plan Connection::plan(Cookie& cookie, std::uint64_t start, std::uint64_t length) {
    const std::uint64_t changes = cookie.changes.load(std::memory_order_acquire);
    {
        const Section section(sections_);
        const OpenFile* file = cookie.current.load(std::memory_order_seq_cst);
        if (file != nullptr && file->valid())
            return plan_of(*file, changes, start, length);
    }
    Lock lock(mutex_);
    if (const File file = open_file(lock, cookie))
        return plan_of(*file, changes, start, length);
    return {CACHEFILES_DOWNLOAD, start, length, 0, 0};
}

cachefiles_plan Connection::plan_of(const OpenFile& file, std::uint64_t changes,
                                    std::uint64_t start, std::uint64_t length) const {
    const netfs::ReadPlan plan =
        netfs::plan_read(start, length, file.size(), [&file](std::uint64_t from, bool present) {
            return file.next(from, present);
        });
    if (plan.source == netfs::ReadSource::download_store &&
        Clock::now().time_since_epoch().count() < no_space_until_.load(std::memory_order_relaxed)) {
        const std::uint64_t end = std::min(plan.start + plan.length, start + length);
        return {CACHEFILES_DOWNLOAD, start, end - start, file.serial, changes};
    }
    return {static_cast<cachefiles_source>(plan.source), plan.start, plan.length, file.serial,
            changes};
}

/// A file on the disk is longer than its object, up to a whole page, as the driver has it. Who
/// reads it without looking at the object's size, as FUSE's passthrough does, would find zeros: cut
/// off here. The next lookup on the disk puts the page right again.
int Connection::descriptor(Cookie& cookie, std::uint64_t start, std::uint64_t length) {
    File file;
    {
        Lock lock(mutex_);
        file = open_file(lock, cookie);
    }
    if (file == nullptr)
        return -ENODATA;
    const std::uint64_t size = file->size();
    const std::uint64_t end = start + std::min(length, size - std::min(start, size));
    if (end < start + length ||
        (length > 0 && !file->present(start / block_size, (end - 1) / block_size)))
        return -ENODATA;
    if (start == 0 && length == size) {
        struct stat status{};
        if (fstat(file->descriptor.get(), &status) != 0)
            return -errno;
        if (static_cast<std::uint64_t>(status.st_size) != size &&
            ftruncate(file->descriptor.get(), static_cast<off_t>(size)) != 0)
            return -ENODATA;
    }
    const int lent = fcntl(file->descriptor.get(), F_DUPFD_CLOEXEC, 0);
    if (lent < 0)
        return -errno;
    if (!file->valid()) { // it may have been modified or cut meanwhile
        ::close(lent);
        return -ENODATA;
    }
    return lent;
}

bool Connection::occupancy(Cookie& cookie, std::uint64_t start, std::uint64_t length,
                           std::uint64_t& data_start, std::uint64_t& data_length) {
    File file;
    {
        Lock lock(mutex_);
        file = open_file(lock, cookie);
    }
    if (file == nullptr)
        return false;
    const std::uint64_t size = file->size();
    const std::uint64_t end = start + std::min(length, size - std::min(start, size));
    const std::uint64_t first = file->next(start / block_size, true);
    if (start >= end || first == OpenFile::none || first > (end - 1) / block_size)
        return false;
    const std::uint64_t behind = file->next(first, false);
    data_start = std::max(start, first * block_size);
    data_length = (behind > end / block_size ? end : behind * block_size) - data_start;
    return true;
}

/// The cookie's file; waits for the lookup. NULL: there is none to be had now.
Connection::File Connection::open_file(Lock& lock, Cookie& cookie) {
    for (int ended = 0; ended < most_ended;) {
        if (cookie.file != nullptr && cookie.file->valid())
            return cookie.file;
        if (cookie.file != nullptr) {
            end_file(cookie);
            ++ended;
        }
        poke();
        if (cookie.uses == 0 || cookie.direct || cookie.shut || !ensure_there(lock, cookie))
            return nullptr;
        if (cookie.opening)
            cookie.changed.wait(lock);
        else if (!ask_for_file(lock, cookie))
            return nullptr;
    }
    cookie.shut = true;
    return nullptr;
}

/// Whether it is worth looking again.
bool Connection::ask_for_file(Lock& lock, Cookie& cookie) {
    const Busy busy(cookie.opening, cookie.changed);
    const std::uint64_t epoch = epoch_;
    const std::uint32_t id = *cookie.id;
    if (std::exchange(cookie.look_up_again, false)) {
        post(netfs::Use{id, cookie.modifies});
        post(netfs::Unuse{id, {}, {}});
    }
    if (cookie.owes_invalidation)
        pay_invalidation(lock, cookie, id);
    if (epoch != epoch_)
        return true;
    if (cookie.owes_invalidation) {
        cookie.shut = true;
        return false;
    }
    const std::uint64_t invalidations = cookie.invalidations;
    std::optional<Answer> answer = call(lock, netfs::Open{id});
    if (!answer)
        return false;
    if (epoch != epoch_ || invalidations != cookie.invalidations || cookie.uses == 0)
        return true;
    const File file = make_file(std::move(*answer));
    if (file == nullptr) {
        cookie.shut = true;
        return false;
    }
    sections_.admit();
    cookie.file = file;
    cookie.current.store(file.get(), std::memory_order_seq_cst);
    return true;
}

/// NULL: the answer is that there is none, or it came without its descriptor.
Connection::File Connection::make_file(Answer answer) {
    const auto* reply = std::get_if<netfs::OpenReply>(&answer.body);
    if (reply == nullptr || answer.descriptors.size() != 1)
        return nullptr;
    const netfs::SlotHeader* slot = arena_->slot(reply->slot, reply->capacity);
    if (slot == nullptr)
        return nullptr;
    const std::shared_ptr<OpenFile> file = std::make_shared<OpenFile>();
    file->descriptor = std::move(answer.descriptors.front());
    file->arena = arena_;
    file->slot = slot;
    file->capacity = reply->capacity;
    file->generation = reply->generation;
    file->serial = ++last_serial_;
    return file;
}

} // namespace cachefiles::client
