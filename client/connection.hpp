// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/call.hpp"
#include "client/cookie.hpp"
#include "client/event_queue.hpp"
#include "client/link.hpp"
#include "client/options.hpp"
#include "client/read_sections.hpp"
#include "client/retry.hpp"
#include "client/volume.hpp"
#include "protocol/netfs/messages.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace cachefiles::client {

/// What cachefiles.h has, in C++: see there for what each function does. Errors are negative
/// errnos; what is thrown (no memory) the C functions turn into one.
///
/// One lock guards everything that is not on the path of a warm read. Requests are sent under it,
/// so that the daemon gets them in the order in which the state here has changed; nobody holds it
/// while waiting. The thread receives, reaches for the daemon when it is away, and brings it up to
/// what the program wants; it must not wait for another thread's call, since only it can end that.
class Connection {
public:
    explicit Connection(Options options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Begins, and waits for the first attempt. `now`: it must succeed.
    [[nodiscard]] int start(bool now);
    void close();
    void set_time_out(std::chrono::milliseconds time);
    [[nodiscard]] bool online();
    [[nodiscard]] EventQueue& events() { return events_; }

    [[nodiscard]] int acquire_volume(std::string key, std::string cache, std::string coherency,
                                     Volume*& acquired);
    void relinquish_volume(Volume& volume, std::optional<std::string> coherency);

    [[nodiscard]] int acquire_cookie(Volume& volume, const std::string& key, std::string aux,
                                     std::uint64_t size, Cookie*& acquired);
    void relinquish_cookie(Cookie& cookie, bool retire);

    using Aux = std::optional<std::string>;
    using Size = std::optional<std::uint64_t>;
    void use(Cookie& cookie, bool modify);
    [[nodiscard]] int unuse(Cookie& cookie, Aux aux, Size size);
    void update(Cookie& cookie, Aux aux, Size size);
    [[nodiscard]] int resize(Cookie& cookie, std::uint64_t size);
    void invalidate(Cookie& cookie, Aux aux, std::uint64_t size, bool direct);

    [[nodiscard]] cachefiles_plan plan(Cookie& cookie, std::uint64_t start, std::uint64_t length);
    [[nodiscard]] ssize_t read(Cookie& cookie, char* buffer, std::size_t length,
                               std::uint64_t start);
    [[nodiscard]] int descriptor(Cookie& cookie, std::uint64_t start, std::uint64_t length);
    [[nodiscard]] bool occupancy(Cookie& cookie, std::uint64_t start, std::uint64_t length,
                                 std::uint64_t& data_start, std::uint64_t& data_length);

    [[nodiscard]] ssize_t store(Cookie& cookie, const cachefiles_plan& plan, const char* buffer,
                                std::size_t length, std::uint64_t start);
    [[nodiscard]] ssize_t modify(Cookie& cookie, const char* buffer, std::size_t length,
                                 std::uint64_t start);
    [[nodiscard]] int prepare_write(Cookie& cookie, const cachefiles_plan* plan,
                                    std::uint64_t start, std::uint64_t length,
                                    cachefiles_grant& grant);
    [[nodiscard]] int commit_write(Cookie& cookie, std::uint64_t grant, std::uint64_t start,
                                   std::uint64_t length);

    /// For Fetching.
    [[nodiscard]] std::mutex& mutex() { return mutex_; }

private:
    using Lock = std::unique_lock<std::mutex>;
    using Time = Retry::Time;
    using File = std::shared_ptr<const OpenFile>;

    struct HeldGrant {
        Cookie* cookie = nullptr;
        std::uint64_t epoch = 0;
        std::uint64_t id = 0; ///< the daemon's
        std::uint64_t start = 0;
        std::uint64_t length = 0;
        bool modifies = false;
        std::uint64_t changes = 0; ///< the cookie's, then
        File file;
    };
    class Writing;
    class Filling;

    // connection.cpp
    [[nodiscard]] std::optional<Answer> call(Lock& lock, const protocol::netfs::Request& request);
    /// Waits for the answer, whatever it is.
    void tell(Lock& lock, const protocol::netfs::Request& request);
    /// Does not wait.
    void post(const protocol::netfs::Request& request);
    void lose_link(const Link* link) noexcept;
    void drop_file(Cookie& cookie) noexcept;
    void end_file(Cookie& cookie) noexcept;
    void poke();
    void wake() noexcept;
    [[nodiscard]] bool on_own_thread() const;
    [[nodiscard]] bool usable() const;
    void stop();

    // connection_thread.cpp
    void run() noexcept;
    void turn(Lock& lock);
    void connect(Lock& lock);
    [[nodiscard]] int greet(Lock& lock);
    void bring_up(Lock& lock);
    void acquire_used(Lock& lock);
    void rest(Lock& lock, Time until);
    void receive(Lock& lock, const std::shared_ptr<Link>& link, Time until);
    [[nodiscard]] bool receive_one(Lock& lock, Link& link);
    void dispatch(Link& link, std::string_view packet, std::vector<Fd> descriptors);
    void notice(const protocol::netfs::FileEnded& ended);
    void notice(const protocol::netfs::CacheStateChanged& changed);
    void send_touches();
    [[nodiscard]] Time next_turn() const;

    // connection_volumes.cpp
    [[nodiscard]] int acquire_there(Lock& lock, Volume& volume);
    [[nodiscard]] bool ensure_there(Lock& lock, Volume& volume);
    [[nodiscard]] Volume* lacking_volume(Time now);

    // connection_cookies.cpp
    [[nodiscard]] int acquire_there(Lock& lock, Cookie& cookie);
    [[nodiscard]] bool ensure_there(Lock& lock, Cookie& cookie);
    [[nodiscard]] bool settle(Lock& lock, Cookie& cookie);
    [[nodiscard]] bool settle_debt(Lock& lock, Cookie& cookie, Aux& aux, Size& size);
    static void note(Cookie& cookie, const Aux& aux, Size size);
    [[nodiscard]] static bool is_void(const Cookie& cookie);
    void send_use(Lock& lock, Cookie& cookie, std::uint32_t id);
    void send_unuse(Lock& lock, Cookie& cookie, Aux aux, Size size);
    [[nodiscard]] protocol::netfs::Unuse unuse_of(Cookie& cookie, Aux aux, Size size);
    void owe_invalidation(Cookie& cookie);
    void pay_invalidation(Lock& lock, Cookie& cookie, std::uint32_t id);

    // connection_reads.cpp
    [[nodiscard]] File open_file(Lock& lock, Cookie& cookie);
    [[nodiscard]] bool ask_for_file(Lock& lock, Cookie& cookie);
    [[nodiscard]] File make_file(Answer answer);
    [[nodiscard]] cachefiles_plan plan_of(const OpenFile& file, std::uint64_t changes,
                                          std::uint64_t start, std::uint64_t length) const;
    [[nodiscard]] bool daemon_lives();
    void give_up_file(Cookie& cookie, std::uint64_t serial);

    // connection_writes.cpp
    [[nodiscard]] std::expected<protocol::netfs::PrepareWriteReply, int>
    prepare(Lock& lock, Cookie& cookie, const OpenFile& file, bool modifies, std::uint64_t start,
            std::uint64_t length);
    [[nodiscard]] int commit(Lock& lock, std::uint64_t epoch, std::uint64_t grant,
                             std::uint64_t start, std::uint64_t length);
    [[nodiscard]] std::expected<File, int> file_of_plan(const Cookie& cookie,
                                                        const cachefiles_plan& plan) const;
    [[nodiscard]] std::expected<std::uint64_t, int>
    write_granted(Lock& lock, Cookie& cookie, const OpenFile& file, bool modifies,
                  std::string_view data, std::uint64_t start);
    void begin_change(Lock& lock, Cookie& cookie);
    [[nodiscard]] bool holds_fill(const Cookie& cookie) const;
    void no_space();

    Options options_;
    EventQueue events_;
    ReadSections sections_;
    std::atomic<std::int64_t> no_space_until_{0}; ///< of the steady clock's ticks
    std::atomic<std::int64_t> seen_alive_{0};     ///< the daemon; milliseconds of a coarse clock
    Fd wake_;

    std::mutex mutex_;
    std::condition_variable attempted_changed_;
    std::optional<int> first_attempt_; ///< 0 or errno
    bool started_ = false;
    bool stopping_ = false;
    std::shared_ptr<Link> link_; ///< NULL: no socket
    bool online_ = false;        ///< the link is greeted, the volumes are acquired
    std::uint64_t epoch_ = 0;    ///< moves with every link: the daemon's numbers are one link's
    Retry retry_;
    Time last_attempt_;
    Time next_touches_;
    bool used_acquired_ = true; ///< the daemon has all cookies that are in use
    Retry used_retry_;
    std::shared_ptr<const Arena> arena_;
    std::uint64_t last_serial_ = 0; ///< of open files
    std::uint64_t last_grant_ = 0;
    std::unordered_map<const Volume*, std::shared_ptr<Volume>> volumes_;
    std::unordered_map<std::uint32_t, Cookie*> cookies_; ///< by the daemon's number
    std::unordered_map<std::uint64_t, HeldGrant> grants_;

    std::array<char, protocol::netfs::max_message> buffer_; ///< the thread's
    std::thread thread_;
    std::atomic<std::thread::id> thread_id_;
};

} // namespace cachefiles::client

struct cachefiles_connection final : cachefiles::client::Connection {
    using Connection::Connection;
};
