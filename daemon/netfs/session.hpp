// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/file_io.hpp"
#include "cache/model.hpp"
#include "daemon/netfs/arena.hpp"
#include "daemon/netfs/budget.hpp"
#include "daemon/netfs/channel.hpp"
#include "daemon/netfs/services.hpp"
#include "daemon/netfs/slot.hpp"
#include "protocol/netfs/codec.hpp"
#include "protocol/netfs/messages.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>

namespace cachefiles::daemon::netfs {

namespace wire = protocol::netfs;

/// What one client has and does: its volumes, cookies, files and write grants, by numbers that are
/// its own. Every request is answered once, with its reply or an errno of those in messages.hpp;
/// some wait for continuations of the model. Nothing that a client sends harms another.
///
/// When the client has gone everything is let go of: grants, uses, cookies (what it was modifying
/// is retired: nobody knows what is in it), volumes; what arrives later, too.
///
/// Any thread. The model is called under the session's lock, which it never takes.
class Session final : public std::enable_shared_from_this<Session> {
public:
    /// `services` is borrowed.
    [[nodiscard]] static std::shared_ptr<Session> make(const Services& services,
                                                       std::shared_ptr<Channel> channel, uid_t user,
                                                       const Budget& budget);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// One packet of the client.
    void receive(std::string_view packet);
    /// The client has gone, or is to go. More than once does no harm.
    void end();

    // --- the registry's, from jobs ---
    void file_ended(const cache::Cookie& cookie, wire::FileEnded::Why why);
    void cache_changed(const cache::CacheRecord* cache, const std::string& name, bool online);

private:
    using Lock = std::unique_lock<std::mutex>;

    /// A request that is to be answered.
    struct Call {
        wire::Type type{};
        std::uint32_t serial = 0;
        bool counted = false; ///< among those that wait
    };
    struct VolumeEntry {
        cache::VolumePtr volume;
        Quota::Share share;
        std::size_t cookies = 0; ///< also those that are being acquired
    };
    struct CookieEntry {
        cache::CookiePtr cookie;
        std::uint32_t volume = 0;
        std::size_t uses = 0;
        bool modifying = false; ///< one of the uses may
        std::weak_ptr<cache::BackendFile> file = {};
        std::shared_ptr<Slot> slot = {}; ///< null: the client has no file
        std::uint64_t generation = 0;    ///< as the client was told; 0: and told that it has ended
    };
    struct GrantEntry {
        std::uint32_t cookie = 0;
        wire::WritePurpose purpose{};
        std::uint64_t start = 0;
        std::uint64_t length = 0;
        cache::WriteGrant grant; ///< without a file: it is void, and its commit fails
        bool committing = false; ///< until that is done nobody else gets its blocks
        Quota::Share share;
        Quota::Share bytes;

        [[nodiscard]] bool touches(std::uint32_t of, std::uint64_t from, std::uint64_t count) const;
    };
    /// Gets the operation, or null if there is none; whether it has its file.
    using Ready = std::move_only_function<void(const cache::OperationPtr&, bool ready)>;

    Session(const Services& services, std::shared_ptr<Channel> channel, uid_t user,
            const Budget& budget);

    // session.cpp. `lock` is the session's, held.
    void refuse(const wire::BadRequest& bad);
    void answer(const Call& call, wire::ReplyBody body, Packet with = {});
    void answer(const Call& call, int error);
    void send(const Call& call, const wire::Reply& reply, Packet with);
    void notify(const wire::Notice& notice);
    [[nodiscard]] bool begin_waiting(Call& call);
    [[nodiscard]] VolumeEntry* volume_of(const Call& call, std::uint32_t number);
    [[nodiscard]] CookieEntry* cookie_of(const Call& call, std::uint32_t number);
    [[nodiscard]] CookieEntry* used_cookie_of(const Call& call, std::uint32_t number);
    [[nodiscard]] CookieEntry* find_cookie(std::uint32_t number, const cache::CookiePtr& cookie);
    void let_go(CookieEntry& entry);
    void must(std::errc result);
    [[nodiscard]] std::uint32_t next_number();

    void handle(const Call& call, const wire::Hello& request);

    // session_volumes.cpp
    void handle(Call call, const wire::AcquireVolume& request);
    void handle(const Call& call, const wire::RelinquishVolume& request);
    void ask_for_volume(const Call& call, const wire::AcquireVolume& request, Quota::Share share);
    void volume_acquired(const Call& call, const std::expected<cache::VolumePtr, std::errc>& volume,
                         Quota::Share share);

    // session_cookies.cpp
    void handle(Call call, const wire::AcquireCookie& request);
    void handle(const Call& call, const wire::RelinquishCookie& request);
    void handle(const Call& call, const wire::Use& request);
    void handle(const Call& call, const wire::Unuse& request);
    void handle(const Call& call, const wire::Update& request);
    void handle(Call call, const wire::Resize& request);
    void handle(const Call& call, const wire::Invalidate& request);
    void handle(const Call& call, const wire::Touch& request);
    void handle(const Call& call, const wire::NotePageRelease& request);
    void cookie_acquired(const Call& call, std::uint32_t volume,
                         const std::expected<cache::CookiePtr, std::errc>& cookie,
                         Quota::Share share);
    [[nodiscard]] bool fits(const Call& call, const std::optional<std::uint64_t>& size);
    void forget_cookie(std::uint32_t number);
    void note_touches();

    // session_files.cpp
    void handle(Call call, const wire::Open& request);
    void open(const Call& call, std::uint32_t number, const cache::CookiePtr& cookie);
    void opened(const Call& call, std::uint32_t number,
                const std::shared_ptr<cache::BackendFile>& file);
    [[nodiscard]] int show(CookieEntry& entry, const std::shared_ptr<cache::BackendFile>& file);
    void note_generation(std::uint32_t number, CookieEntry& entry, wire::FileEnded::Why why);
    void with_file(const cache::CookiePtr& cookie, cache::Want want, Ready ready);

    // session_writes.cpp
    void handle(Call call, const wire::PrepareWrite& request);
    void handle(Call call, const wire::CommitWrite& request);
    void prepare(const Call& call, const wire::PrepareWrite& request,
                 const cache::CookiePtr& cookie, const std::shared_ptr<cache::BackendFile>& file,
                 Quota::Share share);
    [[nodiscard]] int check(const wire::PrepareWrite& request, const CookieEntry& entry) const;
    void void_fills(std::uint32_t cookie, std::uint64_t start, std::uint64_t length);
    [[nodiscard]] int keep_apart(std::uint32_t cookie, cache::WriteGrant& grant) const;
    void add_grant(const Call& call, const wire::PrepareWrite& request, cache::WriteGrant grant,
                   Quota::Share share);
    [[nodiscard]] int commit(const wire::CommitWrite& request, cache::WriteGrant grant,
                             const cache::OperationPtr& operation, bool ready);

    // session_lists.cpp
    void handle(const Call& call, const wire::List& request);

    const Services& services_;
    cache::Model& model_;
    const std::shared_ptr<Channel> channel_;
    const uid_t user_;
    const Budget budget_;

    std::mutex mutex_; ///< guards what follows
    bool ended_ = false;
    bool greeted_ = false;
    std::size_t waiting_ = 0; ///< requests that are not answered yet
    std::size_t uses_ = 0;    ///< of all cookies
    std::shared_ptr<Arena> arena_;
    std::uint32_t last_number_ = 0;
    std::uint64_t last_grant_ = 0;
    std::map<std::uint32_t, VolumeEntry> volumes_;
    std::map<std::uint32_t, CookieEntry> cookies_;
    std::unordered_map<const cache::Cookie*, std::uint32_t> numbers_;
    std::map<std::uint64_t, GrantEntry> grants_;
    std::set<std::uint32_t> touched_; ///< cookies; not empty: a job will look at them
};

} // namespace cachefiles::daemon::netfs
