// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cache/backend.hpp"
#include "cache/cache_record.hpp"
#include "cache/cookie.hpp"
#include "cache/counters.hpp"
#include "cache/executor.hpp"
#include "cache/lru.hpp"
#include "cache/operation.hpp"
#include "cache/volume.hpp"
#include "protocol/cookie_list.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace cachefiles::cache {

/// fscache in userspace: caches, volumes and cookies, with the driver's states, counters, flags and
/// transitions (fscache-model.md; Linux 6.1 to 6.12). DIFFERENCES.md says where it is better than
/// the driver on purpose.
///
/// Where the kernel sleeps, a continuation is called here: exactly once, from a job of the
/// executor, never from within the call that it was given to, and without any lock. The backend is
/// called from jobs, without the lock, and each object by its cookie's worker only.
///
/// Any thread. What is handed out is shared: it may be kept as long as one likes, and a call about
/// something that has ended is refused. A refusal is an errc, logged as a warning where the kernel
/// would; errc{} is success. The executor must have come to its end before the model is destroyed.
class Model final {
public:
    struct Options {
        Executor& executor;
        const Clock& clock;
        Log& log;
        /// Each change of a cookie's state, under the lock: it must not call the model. When `I`,
        /// `F`, `U`, `W` or `R` is entered the cookie's file has ended, if it had one.
        std::function<void(const Cookie&, protocol::CookieState from)> on_state = {};
        /// Each change of a cache's state, likewise.
        std::function<void(const CacheRecord&)> on_cache_state = {};
        /// An object is kept open that long after its last user has gone.
        std::chrono::nanoseconds idle_timeout = Lru::default_timeout;
    };
    template<typename Value>
    using Done = std::move_only_function<void(std::expected<Value, std::errc>)>;
    using Answer = std::move_only_function<void(bool)>;

    /// After that long something that waits is reported, once; it goes on waiting.
    static constexpr std::chrono::nanoseconds long_wait = std::chrono::seconds(20);

    explicit Model(Options options);
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    // The cache's side. ------------------------------------------------------------------------

    /// The record of that name, or the nameless one, which then gets it. device_or_resource_busy:
    /// has a backend already.
    [[nodiscard]] std::expected<CachePtr, std::errc> prepare_cache(const std::string& name);
    /// What was prepared comes to nothing.
    void abandon_cache(const CachePtr& cache);
    void activate_cache(const CachePtr& cache, std::shared_ptr<Backend> backend);
    /// Everything is detached, in the order of 6.1.101, and brought to the disk; then the backend
    /// is let go of. In-use cookies, too; operations delay it. `done` may be empty. False: there is
    /// nothing to withdraw.
    bool withdraw_cache(const CachePtr& cache, Executor::Job done);
    /// The cache is dead until it is withdrawn. From a backend, in the middle of any call.
    void io_error(const CachePtr& cache, const std::string& what);

    // The network file system's side. ------------------------------------------------------------

    struct VolumeRequest {
        std::string key;   ///< 1 to 255 bytes
        std::string cache; ///< empty: any
        std::string coherency;
        std::uint32_t owner = 0; ///< uid: whose directory it may be, and will be
    };
    /// invalid_argument; device_or_resource_busy: the same is acquired already. Waits for the end
    /// of one that was relinquished, however long.
    void acquire_volume(VolumeRequest request, Done<VolumePtr> done);
    /// Its cookies should have been relinquished before. Nothing for `coherency`: as it was.
    /// `invalidate`: when they have gone, what is on the disk is dropped; if the cache is not
    /// there then, it stays.
    std::errc relinquish_volume(const VolumePtr& volume,
                                const std::optional<std::string>& coherency, bool invalidate);

    struct CookieRequest {
        std::string key; ///< 1 to 255 bytes
        Coherency coherency;
    };
    /// invalid_argument; file_exists: the same is acquired already. Waits for a relinquished one.
    void acquire_cookie(const VolumePtr& volume, CookieRequest request, Done<CookiePtr> done);

    /// Returns before the lookup has been done.
    std::errc use(const CookiePtr& cookie, bool will_modify);
    /// With the coherency data as they are now, if they have changed.
    std::errc unuse(const CookiePtr& cookie, const std::optional<std::string>& aux,
                    const std::optional<std::uint64_t>& size);
    void update(const CookiePtr& cookie, const std::optional<std::string>& aux,
                const std::optional<std::uint64_t>& size);
    /// False to `done`: not cached, or invalidated meanwhile; nothing was changed. The caller has
    /// the cookie in use and lets no write overtake it.
    void resize(const CookiePtr& cookie, std::uint64_t size, Answer done);
    /// What is cached is void. `direct_write`: caching stops until the last unuse.
    void invalidate(const CookiePtr& cookie, const std::optional<std::string>& aux,
                    std::uint64_t size, bool direct_write);
    /// device_or_resource_busy: it is in use. Returns before the object is committed or removed.
    std::errc relinquish_cookie(const CookiePtr& cookie, bool retire);
    /// A page that was written to the cache is forgotten by its owner: reads must ask the cache.
    void note_page_release(const CookiePtr& cookie);
    [[nodiscard]] bool enabled(const CookiePtr& cookie) const;
    /// Somebody uses it who said that he modifies.
    [[nodiscard]] bool may_modify(const CookiePtr& cookie) const;

    // Operations. --------------------------------------------------------------------------------

    /// no_buffer_space: not cached. Otherwise it must be ended, or its cookie is stuck.
    void begin_operation(const CookiePtr& cookie, Done<OperationPtr> done);
    /// Until the operation has its file; false: it will not get one. True for params at once. For
    /// write, also until the mark of a modifying use is on the disk.
    void wait(const OperationPtr& operation, Want want, Answer done);
    /// Once is enough; more do no harm. What waits within it is answered with false.
    void end_operation(const OperationPtr& operation);
    /// Null: none (yet).
    [[nodiscard]] std::shared_ptr<BackendFile> file(const OperationPtr& operation) const;
    /// False: invalidated since the operation was asked for; what was read is void (ESTALE).
    [[nodiscard]] bool current(const OperationPtr& operation) const;
    void note_read(const OperationPtr& operation);
    /// At the end of a write. One that failed left nothing behind.
    void note_write(const OperationPtr& operation, bool succeeded);

    // What /proc/fs/fscache shows. ---------------------------------------------------------------

    [[nodiscard]] std::vector<protocol::CacheEntry> caches() const;
    [[nodiscard]] std::vector<protocol::VolumeEntry> volumes() const;
    [[nodiscard]] std::vector<protocol::CookieEntry> cookies() const;
    /// The line of one of them.
    [[nodiscard]] protocol::CacheEntry entry(const CachePtr& cache) const;
    [[nodiscard]] protocol::VolumeEntry entry(const VolumePtr& volume) const;
    [[nodiscard]] protocol::CookieEntry entry(const CookiePtr& cookie) const;
    [[nodiscard]] Counters counters() const;

private:
    using Lock = std::unique_lock<std::mutex>;

    // model_caches.cpp
    CachePtr find_record(const std::string& name);
    CachePtr record_for_volume(const std::string& name);
    CachePtr add_record(const std::string& name);
    void set_state(CacheRecord& cache, protocol::CacheState state);
    void forget_if_unused(CacheRecord& cache);
    bool begin_access(CacheRecord& cache);
    void end_access(CacheRecord& cache);
    void count_object(Cookie& cookie);
    void uncount_object(Cookie& cookie);

    // model_withdrawal.cpp
    void go_on(CacheRecord& cache);
    [[nodiscard]] bool may_go_on(const CacheRecord& cache) const;
    void withdraw(const CachePtr& cache);
    void unpin_volumes(const CacheRecord& cache);
    void withdraw_objects(const CacheRecord& cache);
    bool detach_volumes(const CacheRecord& cache, Lock& lock);
    void finish_withdrawal(const CachePtr& cache, Lock& lock);

    // model_volumes.cpp
    void hash_volume(const VolumePtr& volume, Volume* twin, Done<VolumePtr> done);
    bool create_volume(Volume& volume);
    void attach_volume(const VolumePtr& volume);
    bool begin_access(Volume& volume);
    void end_access(Volume& volume);
    void unpin(Volume& volume);
    void free_if_unused(Volume& volume);
    void free_volume(const VolumePtr& volume);
    void detach_backend(Volume& volume, Lock& lock);
    void forget(const VolumePtr& volume);

    // model_cookies.cpp
    void hash_cookie(const CookiePtr& cookie, Cookie* twin, Done<CookiePtr> done);
    void unhash(Cookie& cookie);
    void free_if_unused(Cookie& cookie);
    void request(Cookie& cookie, CookieFlag what);
    void update_contents(Cookie& cookie, const std::optional<std::string>& aux,
                         const std::optional<std::uint64_t>& size);
    void fit_content(Cookie& cookie);
    void set_state(Cookie& cookie, protocol::CookieState state);
    static void end_file(const Cookie& cookie);

    // model_use.cpp
    void begin_lookup(Cookie& cookie);
    void arm_lru();
    void run_lru();

    // model_worker.cpp, model_lookup.cpp: the cookie's worker. What takes the lock gives it up.
    void queue(Cookie& cookie);
    void submit_worker(Cookie& cookie);
    void run_worker(const CookiePtr& cookie, bool resumed);
    bool run_states(Cookie& cookie, Lock& lock);
    bool run_active(Cookie& cookie, Lock& lock);
    bool run_idle(Cookie& cookie);
    void run_ending(Cookie& cookie, Lock& lock);
    void run_mark(Cookie& cookie, Lock& lock);
    void run_invalidation(Cookie& cookie, Lock& lock);
    void run_resizes(Cookie& cookie, Lock& lock);
    void refuse_resizes(Cookie& cookie);
    void detach_object(Cookie& cookie, Lock& lock);
    void fail(Cookie& cookie);
    bool look_up(Cookie& cookie, Lock& lock);
    bool attach_for_lookup(Cookie& cookie);
    bool ask_backend(Cookie& cookie, Lock& lock, Lookup::Result& result);
    void lookup_succeeded(Cookie& cookie, Lookup::Result result);
    void lookup_failed(Cookie& cookie);
    void end_pending_invalidation(Cookie& cookie);
    void note_negative(Cookie& cookie);
    void purge(Cookie& cookie, Lock& lock);

    // model_operations.cpp
    enum class Verdict { ready, wait, refuse };
    [[nodiscard]] static bool marked(const Cookie& cookie);
    [[nodiscard]] static Verdict judge(const Cookie& cookie, const Waiter& waiter);
    bool begin_access(Cookie& cookie);
    void end_access(Cookie& cookie);
    void end(Operation& operation);
    void begin(const CookiePtr& cookie, Want want,
               std::move_only_function<void(const OperationPtr&)> finish);
    void add_waiter(Cookie& cookie, Waiter waiter);
    void settle(Cookie& cookie);
    void finish(Waiter& waiter, Verdict verdict);
    void arm_wait_timer(Cookie& cookie, std::chrono::nanoseconds at);
    void look_at_waiters(Cookie& cookie);
    void answer(Answer done, bool value);

    Options options_;
    mutable std::mutex mutex_;
    // Everything below is under the mutex.
    std::list<CachePtr> caches_;
    std::map<std::uint32_t, VolumePtr> volumes_;
    std::map<std::uint32_t, CookiePtr> cookies_; ///< until their last reference has gone
    Lru lru_;
    std::optional<std::chrono::nanoseconds> lru_timer_;
    Counters counters_;
    std::uint32_t last_cache_ = 0;
    std::uint32_t last_volume_ = 0;
    std::uint32_t last_cookie_ = 1; ///< the driver's first one is 2
};

} // namespace cachefiles::cache
