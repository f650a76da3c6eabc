// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/cache_record.hpp"
#include "cache/cookie.hpp"
#include "cache/executor.hpp"
#include "daemon/netfs/quota.hpp"
#include "protocol/cookie_list.hpp"
#include "protocol/netfs/messages.hpp"

#include <cstddef>
#include <expected>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cachefiles::daemon::netfs {

class Session;

/// Whose each cookie is, and what it takes up of the limits: a cookie counts until it is dropped,
/// which is later than its relinquishing and may be later than the session's end; its file until
/// the object is detached. Told by the model of every change, it lets the sessions know, from jobs
/// of the executor. Any thread.
class Registry final {
public:
    explicit Registry(cache::Executor& executor) : executor_(executor) {}

    // --- the model's: Options::on_state, Options::on_cache_state, under its lock ---
    void state_changed(const cache::Cookie& cookie, protocol::CookieState from);
    void cache_changed(const cache::CacheRecord& cache);

    // --- the sessions' ---
    void join(const std::shared_ptr<Session>& session);
    void leave(const Session& session);
    void add(const cache::Cookie& cookie, const std::shared_ptr<Session>& session,
             Quota::Share share);
    /// Before the model's use(): the cookie is going to have a file. Errors: Quota::take's.
    [[nodiscard]] std::expected<void, int> use(const cache::Cookie& cookie,
                                               const std::shared_ptr<Quota>& files);
    /// After the model's unuse(), the last of them.
    void unuse(const cache::Cookie& cookie);
    /// The client has the cookie's file: Session::file_ended() is called once, when it ends.
    void show(const cache::Cookie& cookie);
    /// A volume counts until the model has let go of it.
    void keep(const cache::VolumePtr& volume, Quota::Share share);
    /// Those that it has let go of count no longer.
    void sweep();

    [[nodiscard]] std::size_t cookies() const;

private:
    struct Entry {
        std::weak_ptr<Session> session;
        Quota::Share share;
        Quota::Share file;
        bool used = false;
        bool shown = false;
        protocol::CookieState state = protocol::CookieState::quiescent;
    };

    void end_file(Entry& entry, const cache::Cookie& cookie);

    cache::Executor& executor_;
    mutable std::mutex mutex_; ///< guards what follows; taken under the model's, and calls nobody
    std::unordered_map<const cache::Cookie*, Entry> cookies_;
    std::unordered_map<const Session*, std::weak_ptr<Session>> sessions_;
    std::unordered_set<const cache::CacheRecord*> online_;
    std::list<std::pair<std::weak_ptr<const cache::Volume>, Quota::Share>> volumes_;
};

} // namespace cachefiles::daemon::netfs
