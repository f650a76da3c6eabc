// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "protocol/netfs/messages.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cachefiles::tests {

/// A daemon in a thread of the test: the real protocol over a small cache in memory, which does on
/// purpose what a real one does seldom or never. Its disk outlives stop() and start().
class FakeDaemon final {
public:
    using Request = protocol::netfs::Request;
    using Type = protocol::netfs::Type;

    struct Reaction {
        enum class Kind {
            normal,
            refuse,     ///< with `error`, nothing done
            ignore,     ///< nothing done, no reply
            hold,       ///< done, the reply is kept until release()
            die_before, ///< all connections end, as if killed; nothing done
            die_after,  ///< the same, after it was done
            babble,     ///< the reply is no message
        };
        Kind kind = Kind::normal;
        int error = 0;
    };
    using React = std::function<Reaction(const Request&)>;

    explicit FakeDaemon(std::filesystem::path socket);
    ~FakeDaemon();
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;

    void start();
    void stop(); ///< as if killed
    /// Ends the connections, and takes new ones.
    void drop_clients();

    /// For each request from now on, in the daemon's thread.
    void react(React react);
    /// The next one of that type is refused.
    void refuse_once(Type type, int error);
    void release(); ///< what is held

    std::uint16_t version = protocol::netfs::newest_version;
    bool sealed_arena = true;
    std::uint64_t slot_shift = 0; ///< added to the offsets of slots that are told

    void invalidate(const std::string& key);   ///< on its own
    void discard_data(const std::string& key); ///< the map forgets all, under the same generation
    void store_unseen(const std::string& key, std::uint64_t block); ///< no map tells it yet
    void withdraw();                                                ///< the cache goes
    void come_back();                                               ///< the cache comes
    void forget_disk();                                             ///< all objects

    [[nodiscard]] std::vector<Request> requests() const; ///< that came since clear_requests()
    [[nodiscard]] std::size_t count(Type type) const;
    void clear_requests();
    void wait_for(Type type, std::size_t count); ///< until so many have come

    struct Use {
        unsigned uses = 0;
        bool modifies = false;
    };
    [[nodiscard]] std::optional<Use> use_of(const std::string& key) const;
    [[nodiscard]] std::optional<std::string> aux_of(const std::string& key) const;
    [[nodiscard]] std::string bytes_of(const std::string& key) const; ///< in the file

private:
    struct Object;
    struct Cookie;
    struct Client;
    struct Outcome {
        int error = 0;
        protocol::netfs::ReplyBody body;
        int descriptor = -1;
    };

    void serve();
    bool serve_client(Client& client);
    void reply(Client& client, const protocol::netfs::Reply& reply, int descriptor);
    void tell(Client& client, const protocol::netfs::Notice& notice);
    void end_file(Client& client, Cookie& cookie, protocol::netfs::FileEnded::Why why);

    Outcome handle(Client& client, const protocol::netfs::Hello& request);
    Outcome handle(Client& client, const protocol::netfs::AcquireVolume& request);
    Outcome handle(Client& client, const protocol::netfs::RelinquishVolume& request);
    Outcome handle(Client& client, const protocol::netfs::AcquireCookie& request);
    Outcome handle(Client& client, const protocol::netfs::RelinquishCookie& request);
    Outcome handle(Client& client, const protocol::netfs::Use& request);
    Outcome handle(Client& client, const protocol::netfs::Unuse& request);
    Outcome handle(Client& client, const protocol::netfs::Update& request);
    Outcome handle(Client& client, const protocol::netfs::Resize& request);
    Outcome handle(Client& client, const protocol::netfs::Invalidate& request);
    Outcome handle(Client& client, const protocol::netfs::Open& request);
    Outcome handle(Client& client, const protocol::netfs::PrepareWrite& request);
    Outcome handle(Client& client, const protocol::netfs::CommitWrite& request);
    Outcome handle(Client& client, const protocol::netfs::Touch& request);
    Outcome handle(Client& client, const protocol::netfs::NotePageRelease& request);
    Outcome handle(Client& client, const protocol::netfs::List& request);

    const std::filesystem::path path_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    React react_;
    std::map<Type, int> refuse_once_;
    std::vector<Request> requests_;
    std::map<std::string, std::shared_ptr<Object>> disk_; ///< by the cookie's key
    bool cache_online_ = true;
    bool running_ = false;
    Fd listening_;
    Fd wake_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::thread thread_;
};

} // namespace cachefiles::tests
