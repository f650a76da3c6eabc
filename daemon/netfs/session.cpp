// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/session.hpp"

#include <algorithm>
#include <cerrno>
#include <type_traits>
#include <utility>
#include <variant>

namespace cachefiles::daemon::netfs {
namespace {

/// What a client may still send when the daemon has no room for more of its requests: they end
/// something.
bool ends_something(wire::Type type) {
    return type == wire::Type::commit_write;
}

} // namespace

std::shared_ptr<Session> Session::make(const Services& services, std::shared_ptr<Channel> channel,
                                       uid_t user, const Budget& budget) {
    std::shared_ptr<Session> session(new Session(services, std::move(channel), user, budget));
    services.registry.join(session);
    return session;
}

Session::Session(const Services& services, std::shared_ptr<Channel> channel, uid_t user,
                 const Budget& budget)
    : services_(services), model_(services.model), channel_(std::move(channel)), user_(user),
      budget_(budget) {}

Session::~Session() {
    end();
}

void Session::receive(std::string_view packet) {
    const std::expected<wire::SerialRequest, wire::BadRequest> parsed = wire::parse_request(packet);
    const Lock lock(mutex_);
    if (ended_)
        return;
    if (!parsed) {
        refuse(parsed.error());
        return;
    }
    const Call call{.type = wire::type_of(parsed->request), .serial = parsed->serial};
    if (greeted_ == std::holds_alternative<wire::Hello>(parsed->request)) {
        answer(call, EPROTO);
        return;
    }
    std::visit([this, &call](const auto& request) { handle(call, request); }, parsed->request);
}

void Session::refuse(const wire::BadRequest& bad) {
    if (bad.serial)
        answer({.type = bad.type, .serial = *bad.serial}, bad.error);
    else
        channel_->hang_up();
}

void Session::answer(const Call& call, wire::ReplyBody body, Packet with) {
    send(call, {.type = call.type, .serial = call.serial, .body = std::move(body)},
         std::move(with));
}

void Session::answer(const Call& call, int error) {
    if (call.type == wire::Type::prepare_write || call.type == wire::Type::commit_write)
        services_.traffic->refused(error);
    send(call, {.type = call.type, .serial = call.serial, .error = error, .body = {}}, {});
}

void Session::send(const Call& call, const wire::Reply& reply, Packet with) {
    if (call.counted)
        --waiting_;
    if (call.type == wire::Type::touch) // has no reply
        return;
    with.bytes = wire::format_reply(reply);
    if (with.descriptor >= 0)
        with.otherwise = wire::format_reply(
            {.type = call.type, .serial = call.serial, .error = ENFILE, .body = {}});
    channel_->send(std::move(with));
}

void Session::notify(const wire::Notice& notice) {
    channel_->send({.bytes = wire::format_notice(notice)});
}

/// False, and answered: too many wait already.
bool Session::begin_waiting(Call& call) {
    if (waiting_ >= services_.limits.pending_requests && !ends_something(call.type)) {
        answer(call, EAGAIN);
        return false;
    }
    ++waiting_;
    call.counted = true;
    return true;
}

/// Null, and answered: the client has none of that number. So with the two that follow.
Session::VolumeEntry* Session::volume_of(const Call& call, std::uint32_t number) {
    const auto found = volumes_.find(number);
    if (found != volumes_.end())
        return &found->second;
    answer(call, EBADF);
    return nullptr;
}

Session::CookieEntry* Session::cookie_of(const Call& call, std::uint32_t number) {
    const auto found = cookies_.find(number);
    if (found != cookies_.end())
        return &found->second;
    answer(call, EBADF);
    return nullptr;
}

Session::CookieEntry* Session::used_cookie_of(const Call& call, std::uint32_t number) {
    CookieEntry* const entry = cookie_of(call, number);
    if (entry == nullptr || entry->uses != 0)
        return entry;
    answer(call, EINVAL);
    return nullptr;
}

/// Null: the client has let go of it meanwhile.
Session::CookieEntry* Session::find_cookie(std::uint32_t number, const cache::CookiePtr& cookie) {
    const auto found = cookies_.find(number);
    return found != cookies_.end() && found->second.cookie == cookie ? &found->second : nullptr;
}

/// Of a volume or a cookie. They come again after 4 billion, at the earliest.
std::uint32_t Session::next_number() {
    do
        ++last_number_;
    while (last_number_ == 0 || volumes_.contains(last_number_) || cookies_.contains(last_number_));
    return last_number_;
}

void Session::handle(const Call& call, const wire::Hello& request) {
    const std::uint16_t version = std::min(request.newest, wire::newest_version);
    if (version < std::max(request.oldest, wire::oldest_version)) {
        answer(call, EPROTONOSUPPORT);
        return;
    }
    const Limits& limits = services_.limits;
    std::expected<std::shared_ptr<Arena>, int> arena =
        Arena::make(limits.client.arena_bytes, budget_.arena_bytes);
    const auto descriptor = std::make_shared<Fd>(arena ? (*arena)->open_for_client() : Fd());
    if (!*descriptor) {
        const int error = arena ? errno : arena.error();
        answer(call, error == ENOMEM ? ENOMEM : ENFILE);
        return;
    }
    arena_ = *std::move(arena);
    greeted_ = true;
    answer(call,
           wire::HelloReply{.version = version,
                            .block_size = static_cast<std::uint32_t>(wire::block_size),
                            .max_volumes = static_cast<std::uint32_t>(limits.client.volumes),
                            .max_cookies = static_cast<std::uint32_t>(limits.client.cookies),
                            .max_grants = static_cast<std::uint32_t>(limits.client.grants),
                            .arena_size = arena_->size()},
           {.descriptor = descriptor->get(), .owner = descriptor});
}

void Session::end() {
    {
        const Lock lock(mutex_);
        if (std::exchange(ended_, true))
            return;
        grants_.clear();
        for (auto& [number, entry] : cookies_)
            let_go(entry);
        cookies_.clear();
        numbers_.clear();
        for (auto& [number, entry] : volumes_) {
            must(model_.relinquish_volume(entry.volume, std::nullopt, false));
            services_.registry.keep(entry.volume, std::move(entry.share));
        }
        volumes_.clear();
        arena_.reset();
    }
    services_.registry.leave(*this);
}

/// What the model cannot refuse: the session knows what the client has.
void Session::must(std::errc result) {
    if (result != std::errc{})
        services_.log.error("the cache and a session do not agree about what a client has: " +
                            std::make_error_code(result).message());
}

/// As the client would have, had it been able to.
void Session::let_go(CookieEntry& entry) {
    if (entry.slot)
        entry.slot->end();
    for (; entry.uses != 0; --entry.uses)
        must(model_.unuse(entry.cookie, std::nullopt, std::nullopt));
    must(model_.relinquish_cookie(entry.cookie, entry.modifying));
    services_.registry.unuse(*entry.cookie);
}

void Session::file_ended(const cache::Cookie& cookie, wire::FileEnded::Why why) {
    const Lock lock(mutex_);
    const auto found = numbers_.find(&cookie);
    if (found == numbers_.end())
        return;
    CookieEntry& entry = cookies_.at(found->second);
    note_generation(found->second, entry, why);
}

void Session::cache_changed(const cache::CacheRecord* cache, const std::string& name, bool online) {
    const Lock lock(mutex_);
    const bool concerned = std::ranges::any_of(
        volumes_, [cache](const auto& entry) { return entry.second.volume->cache.get() == cache; });
    if (concerned)
        notify(wire::CacheStateChanged{.online = online, .cache = name});
}

} // namespace cachefiles::daemon::netfs
