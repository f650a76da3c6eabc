// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/seqpacket.hpp"
#include "client/connection.hpp"
#include "client/dial.hpp"
#include "protocol/netfs/codec.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>
#include <variant>

namespace cachefiles::client {

namespace netfs = protocol::netfs;
using Clock = std::chrono::steady_clock;

namespace {

/// Between two looks at whether the last readers of a file have gone.
constexpr std::chrono::milliseconds collect_interval{10};
/// In one turn, so that a daemon that never stops sending does not keep the rest from its turn.
constexpr int most_packets = 64;

/// Waits for either, or until then; what the second one has.
short wait_for(int wake, int other, short events, Retry::Time until) {
    std::array<pollfd, 2> watched{pollfd{wake, POLLIN, 0}, pollfd{other, events, 0}};
    const std::chrono::nanoseconds left =
        std::max<std::chrono::nanoseconds>(until - Clock::now(), std::chrono::nanoseconds(0));
    const std::chrono::seconds seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{seconds.count(), (left - seconds).count()};
    if (ppoll(watched.data(), watched.size(), &time, nullptr) <= 0)
        return 0;
    if (watched[0].revents != 0) {
        eventfd_t ignored = 0;
        eventfd_read(wake, &ignored);
    }
    return watched[1].revents;
}

/// A packet whose descriptors this process could not take is still an answer: the header tells how
/// long it is.
std::string_view whole_message(std::string_view buffer) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length |= static_cast<std::uint32_t>(static_cast<unsigned char>(buffer[12 + i])) << (8 * i);
    return buffer.substr(0, length);
}

} // namespace

void Connection::run() noexcept {
    thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    pthread_setname_np(pthread_self(), "cachefiles");
    Lock lock(mutex_);
    while (!stopping_) {
        try {
            turn(lock);
        } catch (const std::exception&) { // no memory
            if (!lock.owns_lock())
                lock.lock();
            if (link_ != nullptr)
                lose_link(link_.get());
            else
                retry_.failed(Clock::now(), options_);
        }
        if (link_ == nullptr && !first_attempt_) {
            first_attempt_ = ENOMEM;
            attempted_changed_.notify_all();
        }
    }
    if (link_ != nullptr)
        lose_link(link_.get());
}

void Connection::turn(Lock& lock) {
    if (link_ == nullptr && retry_.due(Clock::now()))
        connect(lock);
    else if (link_ == nullptr)
        rest(lock, next_turn());
    else
        receive(lock, std::shared_ptr<Link>(link_), next_turn());

    if (online_ && Clock::now() >= next_touches_)
        send_touches();
    if (online_ && !used_acquired_ && used_retry_.due(Clock::now()))
        acquire_used(lock);
    if (sections_.pending()) {
        std::vector<File> free = sections_.collect();
        lock.unlock();
        free.clear();
        lock.lock();
    }
}

Retry::Time Connection::next_turn() const {
    Time next = link_ == nullptr ? retry_.at() : next_touches_;
    if (online_ && !used_acquired_)
        next = std::min(next, used_retry_.at());
    if (sections_.pending())
        next = std::min(next, Clock::now() + collect_interval);
    return next;
}

void Connection::rest(Lock& lock, Time until) {
    lock.unlock();
    wait_for(wake_.get(), -1, 0, until);
    lock.lock();
}

void Connection::connect(Lock& lock) {
    last_attempt_ = Clock::now();
    lock.unlock();
    std::expected<Fd, int> socket = dial(options_.path);
    lock.lock();

    int error = 0;
    if (socket) {
        link_ = std::make_shared<Link>(std::move(*socket));
        error = greet(lock);
        if (error != 0 && link_ != nullptr)
            lose_link(link_.get());
    } else {
        error = socket.error();
        retry_.failed(Clock::now(), options_);
    }
    if (error == 0)
        bring_up(lock);
    if (!first_attempt_) {
        first_attempt_ = error;
        attempted_changed_.notify_all();
    }
}

int Connection::greet(Lock& lock) {
    const std::optional<Answer> answer =
        call(lock, netfs::Hello{netfs::oldest_version, netfs::newest_version, options_.name});
    if (!answer)
        return ECONNREFUSED;
    const auto* hello = std::get_if<netfs::HelloReply>(&answer->body);
    if (answer->error == EPROTONOSUPPORT || (answer->error == 0 && hello == nullptr))
        return EPROTO;
    if (answer->error != 0)
        return answer->error;
    if (hello->version < netfs::oldest_version || hello->version > netfs::newest_version ||
        hello->block_size != netfs::block_size)
        return EPROTO;
    if (answer->descriptors.size() != 1)
        return EMFILE;
    arena_ = Arena::map(answer->descriptors.front().get(), hello->arena_size);
    return arena_ != nullptr ? 0 : EPROTO;
}

/// What the program has acquired and uses, the new daemon gets to know. Cookies that are not in use
/// wait for their next use.
void Connection::bring_up(Lock& lock) {
    while (Volume* volume = lacking_volume(Clock::now())) {
        if (!ensure_there(lock, *volume) && link_ == nullptr)
            return;
    }
    if (link_ == nullptr)
        return;
    online_ = true;
    retry_.reset();
    next_touches_ = Clock::now() + options_.touch_interval;
    if (started_)
        events_.push({CACHEFILES_EVENT_ONLINE, nullptr});

    acquire_used(lock);
}

/// Those that are in use, and that the daemon does not have; some may have to wait for another
/// turn.
void Connection::acquire_used(Lock& lock) {
    std::vector<std::pair<std::shared_ptr<Volume>, std::shared_ptr<Cookie>>> lacking;
    for (const auto& [key, volume] : volumes_) {
        for (const auto& [cookie_key, cookie] : volume->cookies) {
            if (cookie->uses > 0 && !cookie->id)
                lacking.emplace_back(volume, cookie);
        }
    }
    used_acquired_ = true;
    for (const auto& [volume, cookie] : lacking) {
        if (!online_)
            return;
        if (cookie->uses > 0 && !ensure_there(lock, *cookie))
            used_acquired_ = false;
    }
    if (used_acquired_)
        used_retry_.reset();
    else
        used_retry_.failed(Clock::now(), options_);
}

void Connection::receive(Lock& lock, const std::shared_ptr<Link>& link, Time until) {
    const short events = link->blocked() ? POLLIN | POLLOUT : POLLIN;
    lock.unlock();
    const short woken = wait_for(wake_.get(), link->descriptor(), events, until);
    lock.lock();
    if ((woken & POLLOUT) != 0)
        link->flush();
    if ((woken & ~POLLOUT) != 0) {
        for (int i = 0; i < most_packets && receive_one(lock, *link); ++i) {
        }
    }
    if (link->broken())
        lose_link(link.get());
}

/// Whether there was one.
bool Connection::receive_one(Lock& lock, Link& link) {
    lock.unlock();
    std::fill_n(buffer_.begin(), netfs::header_size, '\0');
    std::expected<ReceivedPacket, PacketFailure> packet =
        receive_packet(link.descriptor(), buffer_, 1);
    lock.lock();
    if (link.broken())
        return false;
    if (packet) {
        dispatch(link, packet->bytes, std::move(packet->descriptors));
        return !link.broken();
    }
    switch (packet.error().kind) {
    case PacketFailure::Kind::descriptors_lost:
        dispatch(link, whole_message({buffer_.data(), buffer_.size()}), {});
        return !link.broken();
    case PacketFailure::Kind::would_block:
        return false;
    default:
        lose_link(&link);
        return false;
    }
}

void Connection::dispatch(Link& link, std::string_view packet, std::vector<Fd> descriptors) {
    std::optional<netfs::FromDaemon> message = netfs::parse_from_daemon(packet);
    if (!message) { // no daemon that we know
        lose_link(&link);
    } else if (auto* reply = std::get_if<netfs::Reply>(&*message)) {
        link.answer(std::move(*reply), std::move(descriptors));
    } else {
        std::visit([this](const auto& told) { notice(told); }, std::get<netfs::Notice>(*message));
    }
}

void Connection::notice(const netfs::FileEnded& ended) {
    const auto found = cookies_.find(ended.cookie);
    if (found == cookies_.end())
        return;
    Cookie& cookie = *found->second;
    if (cookie.file != nullptr && cookie.file->generation == ended.generation)
        end_file(cookie);
}

void Connection::notice(const netfs::CacheStateChanged& changed) {
    if (!online_)
        return;
    events_.push({changed.online ? CACHEFILES_EVENT_ONLINE : CACHEFILES_EVENT_OFFLINE, nullptr});
    if (!changed.online)
        return;
    for (const auto& [id, cookie] : cookies_) {
        cookie->shut = false;
        cookie->look_up_again = cookie->file == nullptr && cookie->uses_there > 0;
    }
}

void Connection::send_touches() {
    next_touches_ = Clock::now() + options_.touch_interval;
    netfs::Touch touch;
    for (const auto& [id, cookie] : cookies_) {
        if (cookie->touched.load(std::memory_order_relaxed)) {
            cookie->touched.store(false, std::memory_order_relaxed);
            touch.cookies.push_back(id);
        }
    }
    for (std::size_t sent = 0; sent < touch.cookies.size(); sent += netfs::max_touches) {
        const auto begin = touch.cookies.begin() + static_cast<std::ptrdiff_t>(sent);
        const std::size_t count = std::min(netfs::max_touches, touch.cookies.size() - sent);
        post(netfs::Touch{{begin, begin + static_cast<std::ptrdiff_t>(count)}});
    }
}

} // namespace cachefiles::client
