// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/session.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cachefiles::daemon::netfs {

/// An operation with its file, as far as it can be had; it ends when `ready` returns. No locks.
void Session::with_file(const cache::CookiePtr& cookie, cache::Want want, Ready ready) {
    model_.begin_operation(cookie,
                           [self = shared_from_this(), want, ready = std::move(ready)](
                               const std::expected<cache::OperationPtr, std::errc>& begun) mutable {
                               if (!begun) {
                                   ready(nullptr, false);
                                   return;
                               }
                               cache::Model& model = self->model_;
                               model.wait(*begun, want,
                                          [self = std::move(self), operation = *begun,
                                           ready = std::move(ready)](bool has_file) mutable {
                                              ready(operation, has_file);
                                              self->model_.end_operation(operation);
                                          });
                           });
}

void Session::handle(Call call, const wire::Open& request) {
    const CookieEntry* const entry = used_cookie_of(call, request.cookie);
    if (entry == nullptr || !begin_waiting(call))
        return;
    open(call, request.cookie, entry->cookie);
}

void Session::open(const Call& call, std::uint32_t number, const cache::CookiePtr& cookie) {
    with_file(cookie, cache::Want::read,
              [self = shared_from_this(), call, number,
               cookie](const cache::OperationPtr& operation, bool ready) {
                  const std::shared_ptr<cache::BackendFile> file =
                      ready ? self->model_.file(operation) : nullptr;
                  const Lock lock(self->mutex_);
                  if (self->ended_)
                      return;
                  const CookieEntry* const entry = self->find_cookie(number, cookie);
                  const bool wanted = entry != nullptr && entry->uses != 0;
                  if (wanted && file)
                      self->opened(call, number, file);
                  else if (wanted && operation && !self->model_.current(operation))
                      self->open(call, number, cookie); // invalidated meanwhile: the new one
                  else
                      self->answer(call, ENOBUFS);
              });
}

void Session::opened(const Call& call, std::uint32_t number,
                     const std::shared_ptr<cache::BackendFile>& file) {
    CookieEntry& entry = cookies_.at(number);
    if (const int error = show(entry, file)) {
        answer(call, error);
        return;
    }
    answer(call,
           wire::OpenReply{.generation = entry.generation,
                           .object_size = file->content().object_size(),
                           .slot = entry.slot->offset(),
                           .capacity = entry.slot->capacity()},
           {.descriptor = file->descriptor(), .owner = file});
}

/// The client sees the file's content map. 0 or an errno.
int Session::show(CookieEntry& entry, const std::shared_ptr<cache::BackendFile>& file) {
    cache::Content& content = file->content();
    const std::uint64_t size = content.object_size();
    const std::uint64_t blocks =
        std::min(size / wire::block_size + (size % wire::block_size != 0 ? 1 : 0),
                 services_.limits.map_blocks);
    const bool same = entry.slot && entry.slot->generation() != 0 && entry.file.lock() == file;
    if (!same || entry.slot->capacity() < blocks) {
        std::expected<std::shared_ptr<Slot>, int> slot =
            arena_->slot(static_cast<std::uint32_t>(blocks));
        if (!slot)
            return slot.error();
        (*slot)->begin(size);
        content.mirror_to(*slot);
        if (entry.slot)
            entry.slot->end();
        entry.slot = *std::move(slot);
        entry.file = file;
        services_.registry.show(*entry.cookie);
    }
    if (content.ended()) // before the registry was told, so that nobody will be
        entry.slot->end();
    entry.generation = entry.slot->generation();
    return entry.generation != 0 ? 0 : ENOBUFS;
}

/// What the client was told last may not be so any more.
void Session::note_generation(std::uint32_t number, CookieEntry& entry, wire::FileEnded::Why why) {
    if (!entry.slot)
        return;
    const std::uint64_t now = entry.slot->generation();
    if (entry.generation != 0 && now != entry.generation) {
        notify(wire::FileEnded{
            .cookie = number, .generation = std::exchange(entry.generation, 0), .why = why});
    }
    if (now == 0)
        entry.slot.reset();
}

} // namespace cachefiles::daemon::netfs
