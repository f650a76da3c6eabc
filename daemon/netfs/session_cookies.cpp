// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/session.hpp"

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

namespace cachefiles::daemon::netfs {
namespace {

/// What a file can have: the sizes of files are signed, and are rounded up to a page (and, in the
/// content map, to a block).
constexpr std::uint64_t most_bytes = INT64_MAX - wire::block_size;

} // namespace

/// Otherwise it is answered so.
bool Session::fits(const Call& call, const std::optional<std::uint64_t>& size) {
    if (!size || *size <= most_bytes)
        return true;
    answer(call, EINVAL);
    return false;
}

void Session::handle(Call call, const wire::AcquireCookie& request) {
    VolumeEntry* const volume = volume_of(call, request.volume);
    if (volume == nullptr || !fits(call, request.size))
        return;
    std::expected<Quota::Share, int> share = Quota::take(budget_.cookies);
    if (!share) {
        answer(call, share.error());
        return;
    }
    if (!begin_waiting(call))
        return;
    ++volume->cookies;
    model_.acquire_cookie(
        volume->volume,
        {.key = request.key, .coherency = {.aux = request.aux, .object_size = request.size}},
        [self = shared_from_this(), call, number = request.volume, share = *std::move(share)](
            const std::expected<cache::CookiePtr, std::errc>& cookie) mutable {
            self->cookie_acquired(call, number, cookie, std::move(share));
        });
}

void Session::cookie_acquired(const Call& call, std::uint32_t volume,
                              const std::expected<cache::CookiePtr, std::errc>& cookie,
                              Quota::Share share) {
    const Lock lock(mutex_);
    if (cookie)
        services_.registry.add(**cookie, shared_from_this(), std::move(share));
    if (ended_) {
        if (cookie)
            must(model_.relinquish_cookie(*cookie, false));
        return;
    }
    if (!cookie) {
        --volumes_.at(volume).cookies;
        answer(call, static_cast<int>(cookie.error()));
        return;
    }
    const std::uint32_t number = next_number();
    cookies_[number] = CookieEntry{.cookie = *cookie, .volume = volume};
    numbers_[cookie->get()] = number;
    answer(call, wire::AcquireCookieReply{.cookie = number});
}

void Session::handle(const Call& call, const wire::RelinquishCookie& request) {
    CookieEntry* const entry = cookie_of(call, request.cookie);
    if (entry == nullptr)
        return;
    if (entry->uses != 0) {
        answer(call, EBUSY);
        return;
    }
    if (entry->slot)
        entry->slot->end();
    must(model_.relinquish_cookie(entry->cookie, request.retire));
    forget_cookie(request.cookie);
    answer(call, wire::Empty{});
}

void Session::forget_cookie(std::uint32_t number) {
    const auto found = cookies_.find(number);
    --volumes_.at(found->second.volume).cookies;
    std::erase_if(grants_, [number](const auto& grant) { return grant.second.cookie == number; });
    numbers_.erase(found->second.cookie.get());
    cookies_.erase(found);
}

void Session::handle(const Call& call, const wire::Use& request) {
    CookieEntry* const entry = cookie_of(call, request.cookie);
    if (entry == nullptr)
        return;
    if (uses_ >= services_.limits.uses) {
        answer(call, EMFILE);
        return;
    }
    if (entry->uses == 0) {
        if (const auto file = services_.registry.use(*entry->cookie, budget_.files); !file) {
            answer(call, file.error());
            return;
        }
    }
    must(model_.use(entry->cookie, request.will_modify));
    ++entry->uses;
    ++uses_;
    entry->modifying |= request.will_modify;
    answer(call, wire::Empty{});
}

void Session::handle(const Call& call, const wire::Unuse& request) {
    CookieEntry* const entry = used_cookie_of(call, request.cookie);
    if (entry == nullptr || !fits(call, request.size))
        return;
    must(model_.unuse(entry->cookie, request.aux, request.size));
    --uses_;
    if (--entry->uses == 0) {
        entry->modifying = false;
        services_.registry.unuse(*entry->cookie);
    }
    answer(call, wire::Empty{});
}

void Session::handle(const Call& call, const wire::Update& request) {
    const CookieEntry* const entry = cookie_of(call, request.cookie);
    if (entry == nullptr || !fits(call, request.size))
        return;
    model_.update(entry->cookie, request.aux, request.size);
    answer(call, wire::Empty{});
}

void Session::handle(Call call, const wire::Resize& request) {
    const CookieEntry* const entry = used_cookie_of(call, request.cookie);
    if (entry == nullptr || !fits(call, request.size))
        return;
    if (!begin_waiting(call))
        return;
    model_.resize(entry->cookie, request.size,
                  [self = shared_from_this(), call, number = request.cookie,
                   cookie = entry->cookie](bool done) {
                      const Lock lock(self->mutex_);
                      if (self->ended_)
                          return;
                      // What it took away is a new generation, which the client learns of before
                      // the reply.
                      if (CookieEntry* const found = self->find_cookie(number, cookie))
                          self->note_generation(number, *found, wire::FileEnded::Why::invalidated);
                      if (done)
                          self->answer(call, wire::Empty{});
                      else
                          self->answer(call, ENOBUFS);
                  });
}

void Session::handle(const Call& call, const wire::Invalidate& request) {
    const CookieEntry* const entry = cookie_of(call, request.cookie);
    if (entry == nullptr || !fits(call, request.size))
        return;
    model_.invalidate(entry->cookie, request.aux, request.size, request.direct_write);
    answer(call, wire::Empty{});
}

void Session::handle(const Call& /*call*/, const wire::Touch& request) {
    const bool first = touched_.empty();
    for (const std::uint32_t number : request.cookies) {
        if (cookies_.contains(number)) {
            touched_.insert(number);
            ++services_.traffic->touches;
        }
    }
    if (first && !touched_.empty())
        services_.executor.submit([self = shared_from_this()] { self->note_touches(); });
}

/// One job for all that have come until it runs. What has no file any more counts as used anyway.
void Session::note_touches() {
    std::vector<std::shared_ptr<cache::BackendFile>> files;
    {
        const Lock lock(mutex_);
        for (const std::uint32_t number : std::exchange(touched_, {})) {
            const auto found = cookies_.find(number);
            if (found == cookies_.end())
                continue;
            if (std::shared_ptr<cache::BackendFile> file = found->second.file.lock())
                files.push_back(std::move(file));
        }
    }
    for (const std::shared_ptr<cache::BackendFile>& file : files)
        file->note_use();
}

void Session::handle(const Call& call, const wire::NotePageRelease& request) {
    const CookieEntry* const entry = cookie_of(call, request.cookie);
    if (entry == nullptr)
        return;
    model_.note_page_release(entry->cookie);
    answer(call, wire::Empty{});
}

} // namespace cachefiles::daemon::netfs
