// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/pending_calls.hpp"

#include "daemon/bus/errors.hpp"
#include "daemon/bus/interface.hpp"

namespace cachefiles::daemon::bus {
namespace {

// One who asks for much must not keep the others out.
constexpr std::size_t most_calls = 512;
constexpr unsigned most_of_a_sender = 16;

} // namespace

PendingCalls::Id PendingCalls::hold(Call& call) {
    if (calls_.size() >= most_calls)
        throw limits_exceeded("too many calls are under way: try again later");
    const std::string sender = call.sender();
    unsigned& count = senders_[sender];
    if (count >= most_of_a_sender)
        throw limits_exceeded("too many calls of yours are under way: wait for their answers");
    const Id id = next_++;
    calls_.emplace(id, Entry{std::move(call), sender});
    ++count;
    return id;
}

std::optional<Call> PendingCalls::take(Id id) {
    auto entry = calls_.extract(id);
    if (entry.empty())
        return std::nullopt;
    const auto sender = senders_.find(entry.mapped().sender);
    if (sender != senders_.end() && --sender->second == 0)
        senders_.erase(sender);
    return std::move(entry.mapped().call);
}

void PendingCalls::finish(Id id, const std::function<void(Call&)>& what) {
    std::optional<Call> call = take(id);
    if (!call)
        return;
    try {
        what(*call);
    } catch (...) {
        call->fail(to_answer(log_, "a call", std::current_exception()));
    }
}

void PendingCalls::start(Id id, const std::function<void()>& what) {
    try {
        what();
    } catch (...) {
        const std::exception_ptr thrown = std::current_exception();
        finish(id, [&](Call&) { std::rethrow_exception(thrown); });
    }
}

} // namespace cachefiles::daemon::bus
