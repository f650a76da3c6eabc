// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/link.hpp"

#include "base/seqpacket.hpp"
#include "protocol/netfs/codec.hpp"

#include <sys/socket.h>

#include <utility>
#include <variant>

namespace cachefiles::client {

namespace netfs = protocol::netfs;

void Link::send(const netfs::Request& request, Call* call) {
    if (broken_)
        return;
    const bool has_reply = !std::holds_alternative<netfs::Touch>(request);
    do
        ++last_serial_;
    while (last_serial_ == 0 || calls_.contains(last_serial_));
    waiting_.push_back({netfs::format_request({last_serial_, request}), has_reply});
    if (has_reply) {
        try {
            calls_.emplace(last_serial_, call);
        } catch (...) {
            waiting_.pop_back();
            throw;
        }
    }
    if (call != nullptr)
        call->serial = last_serial_;
    flush();
}

void Link::flush() {
    blocked_ = false;
    while (!broken_ && !waiting_.empty() &&
           !(waiting_.front().has_reply && unanswered_ >= most_unanswered)) {
        const std::expected<void, PacketFailure> sent =
            send_packet(socket_.get(), waiting_.front().bytes);
        if (!sent && sent.error().kind == PacketFailure::Kind::would_block) {
            blocked_ = true;
            return;
        }
        if (!sent) {
            broken_ = true;
            return;
        }
        if (waiting_.front().has_reply)
            ++unanswered_;
        waiting_.pop_front();
    }
}

void Link::answer(netfs::Reply reply, std::vector<Fd> descriptors) {
    const auto found = calls_.find(reply.serial);
    if (found == calls_.end())
        return;
    Call* call = found->second;
    calls_.erase(found);
    --unanswered_;
    flush();
    if (call == nullptr)
        return;
    call->answer.emplace(reply.error, std::move(reply.body), std::move(descriptors));
    call->finished = true;
    call->done.notify_one();
}

void Link::forget(const Call& call) noexcept {
    const auto found = calls_.find(call.serial);
    if (found != calls_.end() && found->second == &call)
        found->second = nullptr;
}

void Link::hang_up() noexcept {
    broken_ = true;
    waiting_.clear();
    ::shutdown(socket_.get(), SHUT_RDWR);
    for (const auto& [serial, call] : calls_) {
        if (call == nullptr)
            continue;
        call->finished = true;
        call->done.notify_one();
    }
    calls_.clear();
}

} // namespace cachefiles::client
