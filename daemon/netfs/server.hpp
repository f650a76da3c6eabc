// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/rate_limit.hpp"
#include "daemon/netfs/budget.hpp"
#include "daemon/netfs/connection.hpp"
#include "daemon/netfs/services.hpp"
#include "daemon/netfs/session.hpp"
#include "daemon/progress.hpp"

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <unordered_map>

namespace cachefiles::daemon::netfs {

/// The netfs socket: one thread that accepts clients, and takes a few packets from each in turn.
/// Nothing that it does blocks; what waits for the disk is done by the executor's jobs. However
/// many connect, and whatever they send, it goes on serving the others.
class Server final {
public:
    struct Status {
        std::size_t clients = 0;
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0; ///< by the limits, ours or the system's
    };

    /// `listening`: of listen_at() or check_listener(). The others are borrowed. Errors:
    /// SystemError.
    Server(Fd listening, const Services& services, const Clock& clock);
    /// stop().
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    /// Hangs up on all clients and ends their sessions. Waits for the thread; continuations of the
    /// sessions may still be to come.
    void stop();

    /// From any thread.
    [[nodiscard]] Status status() const;
    [[nodiscard]] Progress& progress() { return progress_; }

private:
    struct Client {
        std::shared_ptr<Connection> connection;
        std::shared_ptr<Session> session;
        uid_t user = 0;
    };
    struct User {
        std::size_t connections = 0;
        Budget budget;
    };

    void loop();
    void turn();
    void watch(int operation, int descriptor, std::uint64_t key, std::uint32_t events);
    void accept_some();
    [[nodiscard]] bool accept_one();
    [[nodiscard]] bool accept_failed(int error);
    void shed_one();
    void admit(Fd socket);
    void refuse(const char* why);
    [[nodiscard]] User& user(uid_t id);
    void serve(std::uint64_t key, std::uint32_t events);
    [[nodiscard]] bool take_packets(Client& client);
    void drop(std::uint64_t key);
    void end_all();

    const Services& services_;
    const Clock& clock_;
    const Fd listening_;
    const Fd epoll_;
    const Fd wake_;
    std::thread thread_;
    Progress progress_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> connected_{0};
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> refused_{0};

    // The thread's.
    Fd spare_; ///< given up for a moment to shed a client when there are no descriptors
    bool paused_ = false;
    RateLimit refusals_;
    RateLimit troubles_;
    std::array<char, protocol::netfs::max_message> buffer_{};
    Budget total_;
    std::map<uid_t, User> users_;
    std::unordered_map<std::uint64_t, Client> clients_;
    std::uint64_t last_key_;
};

} // namespace cachefiles::daemon::netfs
