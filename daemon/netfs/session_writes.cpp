// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/session.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cachefiles::daemon::netfs {

void Session::handle(Call call, const wire::PrepareWrite& request) {
    const CookieEntry* const entry = used_cookie_of(call, request.cookie);
    if (entry == nullptr)
        return;
    if (const int error = check(request, *entry)) {
        answer(call, error);
        return;
    }
    if (request.purpose == wire::WritePurpose::modify)
        void_fills(request.cookie, request.start, request.length);
    std::expected<Quota::Share, int> share = Quota::take(budget_.grants);
    if (!share) {
        answer(call, share.error());
        return;
    }
    if (!begin_waiting(call))
        return;
    wire::PrepareWrite shortened = request;
    shortened.length = std::min(request.length, services_.limits.grant_bytes);
    with_file(
        entry->cookie, cache::Want::write,
        [self = shared_from_this(), call, shortened, cookie = entry->cookie,
         share = *std::move(share)](const cache::OperationPtr& operation, bool ready) mutable {
            self->prepare(call, shortened, cookie, ready ? self->model_.file(operation) : nullptr,
                          std::move(share));
        });
}

/// Whether the client may write what it wants to: 0 or an errno.
int Session::check(const wire::PrepareWrite& request, const CookieEntry& entry) const {
    if (request.length == 0 || request.start > INT64_MAX ||
        request.length > INT64_MAX - request.start)
        return EINVAL;
    if (request.purpose == wire::WritePurpose::modify && !model_.may_modify(entry.cookie))
        return EPERM;
    const bool same = entry.slot && entry.slot->generation() == request.generation;
    return same && request.generation != 0 ? 0 : ESTALE;
}

/// Without the session's lock: asking for room may ask the disk.
void Session::prepare(const Call& call, const wire::PrepareWrite& request,
                      const cache::CookiePtr& cookie,
                      const std::shared_ptr<cache::BackendFile>& file, Quota::Share share) {
    std::expected<cache::WriteGrant, int> grant = std::unexpected(ENOBUFS);
    if (file) {
        const auto purpose = request.purpose == wire::WritePurpose::modify
                                 ? cache::WritePurpose::modify
                                 : cache::WritePurpose::fill;
        grant = cache::prepare_write(file, purpose, request.start, request.length);
    }
    const Lock lock(mutex_);
    if (ended_)
        return;
    const CookieEntry* const entry = find_cookie(request.cookie, cookie);
    // What the client sees may be another file by now; then this one has ended.
    if (entry == nullptr || entry->uses == 0 || (file && entry->file.lock() != file) ||
        check(request, *entry) != 0) {
        answer(call, entry == nullptr ? ENOBUFS : ESTALE);
        return;
    }
    if (!grant)
        answer(call, grant.error());
    else
        add_grant(call, request, *std::move(grant), std::move(share));
}

void Session::add_grant(const Call& call, const wire::PrepareWrite& request,
                        cache::WriteGrant grant, Quota::Share share) {
    if (request.purpose == wire::WritePurpose::modify) {
        void_fills(request.cookie, grant.start, grant.length); // those that were granted meanwhile
    } else if (const int error = keep_apart(request.cookie, grant)) {
        answer(call, error);
        return;
    }
    const std::uint64_t start = grant.start;
    const std::uint64_t length = grant.length;
    std::expected<Quota::Share, int> bytes = Quota::take(budget_.granted_bytes, length);
    if (!bytes) {
        answer(call, bytes.error());
        return;
    }
    grants_.emplace(++last_grant_, GrantEntry{.cookie = request.cookie,
                                              .purpose = request.purpose,
                                              .start = start,
                                              .length = length,
                                              .grant = std::move(grant),
                                              .share = std::move(share),
                                              .bytes = *std::move(bytes)});
    answer(call, wire::PrepareWriteReply{.grant = last_grant_, .start = start, .length = length});
}

/// What was fetched before a modification must not be stored after it: old data over new.
void Session::void_fills(std::uint32_t cookie, std::uint64_t start, std::uint64_t length) {
    for (auto& [number, entry] : grants_) {
        if (entry.purpose == wire::WritePurpose::fill && entry.touches(cookie, start, length)) {
            entry.grant = {};
            entry.bytes.reset();
        }
    }
}

/// Cuts a fill off where somebody else writes, or has written since the file was asked: 0, or an
/// errno if nothing is left. Of two who fill the same block, one would still write when what the
/// other wrote is present.
int Session::keep_apart(std::uint32_t cookie, cache::WriteGrant& grant) const {
    std::uint64_t end = grant.start + grant.length;
    for (const auto& [number, entry] : grants_) {
        if (!entry.touches(cookie, grant.start, grant.length))
            continue;
        if (entry.purpose == wire::WritePurpose::modify)
            return ESTALE;
        end = std::min(end, entry.start);
    }
    if (const auto data = grant.file->content().first_data({grant.start, grant.length}))
        end = std::min(end, data->start);
    if (end <= grant.start)
        return EEXIST;
    grant.length = end - grant.start;
    return 0;
}

bool Session::GrantEntry::touches(std::uint32_t of, std::uint64_t from, std::uint64_t count) const {
    return cookie == of && start < from + count && from < start + length;
}

void Session::handle(Call call, const wire::CommitWrite& request) {
    const auto found = grants_.find(request.grant);
    if (found == grants_.end() || found->second.committing) {
        answer(call, EBADF);
        return;
    }
    GrantEntry& entry = found->second;
    if (!entry.grant.file) {
        grants_.erase(found);
        answer(call, ESTALE);
        return;
    }
    if (request.length == 0) { // nothing was written: the room is given back
        grants_.erase(found);
        answer(call, wire::Empty{});
        return;
    }
    static_cast<void>(begin_waiting(call)); // it is no more than there were grants
    entry.committing = true;
    const cache::CookiePtr cookie = cookies_.at(entry.cookie).cookie;
    Traffic& traffic = *services_.traffic;
    Traffic::Stores& stores =
        entry.purpose == wire::WritePurpose::fill ? traffic.fills : traffic.modifications;
    with_file(cookie, cache::Want::write,
              [self = shared_from_this(), call, request, grant = std::move(entry.grant),
               &stores](const cache::OperationPtr& operation, bool ready) mutable {
                  const int error = self->commit(request, std::move(grant), operation, ready);
                  if (error == 0) {
                      ++stores.count;
                      stores.bytes += request.length;
                  }
                  const Lock lock(self->mutex_);
                  self->grants_.erase(request.grant);
                  if (error != 0)
                      self->answer(call, error);
                  else
                      self->answer(call, wire::Empty{});
              });
}

/// Whoever has gone meanwhile has written it all the same. 0 or an errno.
int Session::commit(const wire::CommitWrite& request, cache::WriteGrant grant,
                    const cache::OperationPtr& operation, bool ready) {
    const bool same = ready && model_.file(operation) == grant.file;
    const int error =
        same ? cache::commit_write(std::move(grant), request.start, request.length) : ESTALE;
    if (ready)
        model_.note_write(operation, error == 0);
    return error;
}

} // namespace cachefiles::daemon::netfs
