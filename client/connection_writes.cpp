// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/connection.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>
#include <variant>

namespace cachefiles::client {

namespace netfs = protocol::netfs;
using Clock = std::chrono::steady_clock;

namespace {

using netfs::block_size;
/// Files of one cookie that were replaced while a change was being written to them.
constexpr int most_replaced = 8;

struct Range {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
};

/// What of a range makes whole blocks, or reaches the end of the file.
Range whole_blocks(std::uint64_t start, std::uint64_t length, std::uint64_t size) {
    if (start >= size)
        return {};
    const std::uint64_t end = start + std::min(length, size - start);
    const std::uint64_t into = start % block_size;
    const std::uint64_t first = into == 0 ? start : start + (block_size - into);
    return {first, end == size ? end : end - end % block_size};
}

/// Bytes: fewer if the disk refuses more.
std::uint64_t write_all(int descriptor, std::string_view data, std::uint64_t start) {
    std::uint64_t done = 0;
    while (done < data.size()) {
        const ssize_t count = ::pwrite(descriptor, data.data() + done, data.size() - done,
                                       static_cast<off_t>(start + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        done += static_cast<std::uint64_t>(count);
    }
    return done;
}

} // namespace

/// While it lives, a cookie is not acquired from another daemon: see ensure_there(). Under the
/// lock, at both ends.
class Connection::Writing final {
public:
    explicit Writing(Cookie& cookie) : cookie_(cookie) { ++cookie_.writes; }
    ~Writing() { --cookie_.writes; }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

private:
    Cookie& cookie_;
};

/// A Writing of data that were downloaded: a change waits for the end of it. Under the lock, at
/// both ends.
class Connection::Filling final {
public:
    explicit Filling(Cookie& cookie) : writing_(cookie), cookie_(cookie) { ++cookie_.fills; }
    ~Filling() {
        if (--cookie_.fills == 0)
            cookie_.changed.notify_all();
    }
    Filling(const Filling&) = delete;
    Filling& operator=(const Filling&) = delete;

private:
    Writing writing_;
    Cookie& cookie_;
};

/// The program changes the content: data that were downloaded before that are not stored from now
/// on, and those that are just being stored do not count. When this returns they are in the file,
/// and do not overwrite the change.
void Connection::begin_change(Lock& lock, Cookie& cookie) {
    cookie.changes.fetch_add(1, std::memory_order_acq_rel);
    cookie.changed_untold = true;
    while (cookie.fills > 0)
        cookie.changed.wait(lock);
}

/// Whoever has a grant may write old data into the file at any time.
bool Connection::holds_fill(const Cookie& cookie) const {
    return std::ranges::any_of(grants_, [&cookie](const auto& entry) {
        return entry.second.cookie == &cookie && !entry.second.modifies;
    });
}

std::expected<netfs::PrepareWriteReply, int> Connection::prepare(Lock& lock, Cookie& cookie,
                                                                 const OpenFile& file,
                                                                 bool modifies, std::uint64_t start,
                                                                 std::uint64_t length) {
    if (!online_ || !cookie.id || cookie.file.get() != &file)
        return std::unexpected(online_ ? ESTALE : ECONNRESET);
    const auto purpose = modifies ? netfs::WritePurpose::modify : netfs::WritePurpose::fill;
    const std::optional<Answer> answer =
        call(lock, netfs::PrepareWrite{*cookie.id, purpose, file.generation, start, length});
    if (!answer)
        return std::unexpected(ECONNRESET);
    if (answer->error == ENOSPC)
        no_space();
    const auto* reply = std::get_if<netfs::PrepareWriteReply>(&answer->body);
    if (reply == nullptr)
        return std::unexpected(answer->error != 0 ? answer->error : EPROTO);
    return *reply;
}

/// 0 or errno; ECONNRESET: it did not get there.
int Connection::commit(Lock& lock, std::uint64_t epoch, std::uint64_t grant, std::uint64_t start,
                       std::uint64_t length) {
    if (!online_ || epoch != epoch_)
        return ECONNRESET;
    const std::optional<Answer> answer = call(lock, netfs::CommitWrite{grant, start, length});
    return answer ? answer->error : ECONNRESET;
}

void Connection::no_space() {
    no_space_until_.store((Clock::now() + options_.no_space_pause).time_since_epoch().count(),
                          std::memory_order_relaxed);
}

/// The file that a plan was made from. ESTALE: it is not the cookie's any more; ECONNRESET: no
/// cache, then or now.
std::expected<Connection::File, int> Connection::file_of_plan(const Cookie& cookie,
                                                              const cachefiles_plan& plan) const {
    if (plan.generation == 0 || !online_)
        return std::unexpected(ECONNRESET);
    if (cookie.file == nullptr || cookie.file->serial != plan.generation ||
        cookie.changes != plan.changes || !cookie.file->valid())
        return std::unexpected(ESTALE);
    return cookie.file;
}

/// Gets room for the beginning of the data, writes what it got room for, and commits it: the end of
/// that. The caller is Writing.
std::expected<std::uint64_t, int> Connection::write_granted(Lock& lock, Cookie& cookie,
                                                            const OpenFile& file, bool modifies,
                                                            std::string_view data,
                                                            std::uint64_t start) {
    const std::uint64_t epoch = epoch_;
    const std::uint64_t changes = cookie.changes;
    const std::expected<netfs::PrepareWriteReply, int> grant =
        prepare(lock, cookie, file, modifies, start, data.size());
    if (!grant)
        return std::unexpected(grant.error());
    const std::uint64_t end = std::min(
        start + data.size(), grant->start + std::min(grant->length, OpenFile::none - grant->start));
    const auto is_old = [&] {
        return !modifies && changes != cookie.changes;
    };
    if (grant->start > start || end <= start || is_old()) { // somebody was faster, or too late
        static_cast<void>(commit(lock, epoch, grant->grant, grant->start, 0));
        return std::unexpected(is_old() ? ESTALE : (modifies ? EPROTO : EEXIST));
    }
    data = data.substr(0, end - start);
    lock.unlock();
    const std::uint64_t written = write_all(file.descriptor.get(), data, start);
    lock.lock();
    const bool whole = written == data.size();
    if (!whole)
        no_space();
    const bool old = is_old();
    const bool counts = (whole || modifies) && !old;
    const int error = commit(lock, epoch, grant->grant, start, counts ? written : 0);
    if (old)
        return std::unexpected(ESTALE);
    if (error != 0 || !whole)
        return std::unexpected(error != 0 ? error : ENOSPC);
    return end;
}

ssize_t Connection::store(Cookie& cookie, const cachefiles_plan& plan, const char* buffer,
                          std::size_t length, std::uint64_t start) {
    Lock lock(mutex_);
    const std::expected<File, int> file = file_of_plan(cookie, plan);
    if (!file)
        return file.error() == ESTALE ? -ESTALE : 0;
    const Filling filling(cookie);
    const Range range = whole_blocks(start, length, (*file)->size());
    ssize_t stored = 0;
    for (std::uint64_t at = range.start; at < range.end;) {
        if (cookie.changes != plan.changes)
            return -ESTALE;
        at = std::max(at, (*file)->next(at / block_size, false) * block_size);
        if (at >= range.end)
            break;
        const std::uint64_t present = (*file)->next(at / block_size, true);
        const std::uint64_t end =
            present > range.end / block_size ? range.end : present * block_size;
        const std::expected<std::uint64_t, int> written =
            write_granted(lock, cookie, **file, false, {buffer + (at - start), end - at}, at);
        if (!written && written.error() == ESTALE)
            return -ESTALE;
        if (!written && written.error() != EEXIST)
            break;
        if (written)
            stored += static_cast<ssize_t>(*written - at);
        // Refused is the first block alone: others may be there, or coming, and those behind not.
        at = written ? *written : std::min(end, at + block_size - at % block_size);
    }
    return stored;
}

ssize_t Connection::modify(Cookie& cookie, const char* buffer, std::size_t length,
                           std::uint64_t start) {
    Lock lock(mutex_);
    if (cookie.uses == 0 || !cookie.modifies)
        return -EINVAL;
    begin_change(lock, cookie);
    const Writing writing(cookie);
    std::uint64_t at = start;
    const std::uint64_t end = start + length;
    for (int replaced = 0; at < end && replaced < most_replaced && !holds_fill(cookie);) {
        const File file = open_file(lock, cookie);
        if (file == nullptr)
            break;
        const std::expected<std::uint64_t, int> written =
            write_granted(lock, cookie, *file, true, {buffer + (at - start), end - at}, at);
        if (written)
            at = *written;
        else if (written.error() == ESTALE || written.error() == ENOBUFS)
            ++replaced;
        else
            break;
    }
    // The source has what the cache does not, and may one day find the old data there.
    if (at < end && !cookie.direct)
        owe_invalidation(cookie);
    return static_cast<ssize_t>(at - start);
}

int Connection::prepare_write(Cookie& cookie, const cachefiles_plan* plan, std::uint64_t start,
                              std::uint64_t length, cachefiles_grant& granted) {
    Lock lock(mutex_);
    const bool modifies = plan == nullptr;
    if (modifies && (cookie.uses == 0 || !cookie.modifies))
        return -EINVAL;
    File file;
    if (modifies) {
        begin_change(lock, cookie);
        if (!holds_fill(cookie))
            file = open_file(lock, cookie);
    } else if (const std::expected<File, int> planned = file_of_plan(cookie, *plan)) {
        file = *planned;
    } else if (planned.error() == ESTALE) {
        return -ESTALE;
    }
    std::expected<netfs::PrepareWriteReply, int> grant = std::unexpected(ENOBUFS);
    const std::uint64_t epoch = epoch_;
    if (file != nullptr)
        grant = prepare(lock, cookie, *file, modifies, start, length);
    if (!grant) {
        if (modifies && !cookie.direct)
            owe_invalidation(cookie);
        return !modifies && grant.error() == ESTALE ? -ESTALE : 0;
    }
    if (!modifies && cookie.changes != plan->changes) { // whoever changes it did not see a grant
        static_cast<void>(commit(lock, epoch, grant->grant, grant->start, 0));
        return -ESTALE;
    }
    const std::uint64_t number = ++last_grant_;
    grants_.emplace(number, HeldGrant{&cookie, epoch, grant->grant, grant->start, grant->length,
                                      modifies, cookie.changes, file});
    ++cookie.writes;
    granted = {number, grant->start, grant->length, file->descriptor.get()};
    return 1;
}

int Connection::commit_write(Cookie& cookie, std::uint64_t number, std::uint64_t start,
                             std::uint64_t length) {
    Lock lock(mutex_);
    const auto found = grants_.find(number);
    if (found == grants_.end() || found->second.cookie != &cookie)
        return -EINVAL;
    const HeldGrant grant = found->second;
    grants_.erase(found);
    const bool within = length <= grant.length && start >= grant.start &&
                        start - grant.start <= grant.length - length;
    const bool old = !grant.modifies && grant.changes != cookie.changes;
    const bool counts = within && !old;
    const int error =
        commit(lock, grant.epoch, grant.id, counts ? start : grant.start, counts ? length : 0);
    --cookie.writes;
    if (grant.modifies && (error != 0 || !within))
        owe_invalidation(cookie);
    if (!within)
        return -EINVAL;
    return old || error == ESTALE ? -ESTALE : 0;
}

} // namespace cachefiles::client
