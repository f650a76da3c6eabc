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
    const std::uint64_t start = grant.start;
    const std::uint64_t length = grant.length;
    if (request.purpose == wire::WritePurpose::modify) {
        void_fills(request.cookie, start, length); // those that were granted meanwhile
    } else if (is_being_modified(request.cookie, start, length)) {
        answer(call, ESTALE);
        return;
    }
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

bool Session::is_being_modified(std::uint32_t cookie, std::uint64_t start,
                                std::uint64_t length) const {
    return std::ranges::any_of(grants_, [&](const auto& grant) {
        return grant.second.purpose == wire::WritePurpose::modify &&
               grant.second.touches(cookie, start, length);
    });
}

bool Session::GrantEntry::touches(std::uint32_t of, std::uint64_t from, std::uint64_t count) const {
    return cookie == of && start < from + count && from < start + length;
}

void Session::handle(Call call, const wire::CommitWrite& request) {
    auto found = grants_.extract(request.grant);
    if (found.empty()) {
        answer(call, EBADF);
        return;
    }
    GrantEntry& entry = found.mapped();
    if (!entry.grant.file) {
        answer(call, ESTALE);
        return;
    }
    if (request.length == 0) { // nothing was written: the room is given back
        answer(call, wire::Empty{});
        return;
    }
    static_cast<void>(begin_waiting(call)); // it is no more than there were grants
    const cache::CookiePtr cookie = cookies_.at(entry.cookie).cookie;
    with_file(cookie, cache::Want::write,
              [self = shared_from_this(), call, request,
               entry = std::move(entry)](const cache::OperationPtr& operation, bool ready) mutable {
                  const int error = self->commit(request, std::move(entry.grant), operation, ready);
                  const Lock lock(self->mutex_);
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
