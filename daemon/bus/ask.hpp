// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/context.hpp"
#include "daemon/bus/errors.hpp"
#include "daemon/bus/names.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace cachefiles::daemon::bus {

/// Asks the administration for something that comes from its own thread: `start` gets the function
/// to answer through, `then` is called in the loop with the call and the value (none for void). A
/// refusal is the call's answer, and so is what either of them throws.
template<typename T, typename Start, typename Then>
void ask(Context& context, Call& call, Start start, Then then) {
    const PendingCalls::Id id = context.pending->hold(call);
    // The connection may be gone, and the objects with it, when the answer comes.
    auto answer = [&loop = context.parts.loop, pending = std::weak_ptr(context.pending), id,
                   then = std::move(then)](std::expected<T, admin::Refusal> value) {
        auto result = std::make_shared<std::expected<T, admin::Refusal>>(std::move(value));
        loop.post([pending, id, then, result] {
            const std::shared_ptr<PendingCalls> calls = pending.lock();
            if (!calls)
                return;
            calls->finish(id, [&](Call& waiting) {
                if (!*result)
                    throw to_error(result->error());
                if constexpr (std::is_void_v<T>)
                    then(waiting);
                else
                    then(waiting, std::move(**result));
            });
        });
    };
    context.pending->start(id, [&] { start(std::move(answer)); });
}

/// Of a change: the bus is told what came of it before the caller is.
template<typename Start>
void ask_for_change(Context& context, Call& call, Start start) {
    ask<void>(context, call, std::move(start), [&context](Call& waiting) {
        context.refresh();
        waiting.reply();
    });
}

/// A job's number is answered as its object, which exists by then.
template<typename Start>
void ask_for_job(Context& context, Call& call, Start start) {
    ask<admin::JobId>(context, call, std::move(start), [&context](Call& waiting, admin::JobId job) {
        context.refresh();
        waiting.reply(sdbus::ObjectPath(job_path(job)));
    });
}

} // namespace cachefiles::daemon::bus
