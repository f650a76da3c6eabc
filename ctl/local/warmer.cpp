// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/warmer.hpp"

#include "base/error.hpp"
#include "ctl/failure.hpp"
#include "ctl/local/keep_watch.hpp"
#include "ctl/local/pace.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace cachefiles::ctl {
namespace {

constexpr std::size_t chunk_size = 1 << 20;
/// Of a source that is slow, or is to seem so: not more than a quarter of a second's at once.
std::size_t piece_at(std::uint64_t bytes_per_second) {
    if (bytes_per_second == 0)
        return chunk_size;
    return std::clamp<std::uint64_t>(bytes_per_second / 4, 4096, chunk_size);
}
/// All together may be so far ahead of what is kept: a mount that has more to store drops it.
constexpr std::uint64_t most_ahead = 32 << 20;
/// A read that is under way ends within this, or hangs in its source.
constexpr std::chrono::seconds grace{1};
constexpr std::chrono::milliseconds look_again{20};

} // namespace

/// What the threads share; it outlives the Warmer if one of them hangs.
struct Warmer::State {
    State(WarmOptions given, std::shared_ptr<const CachedShares> asked)
        : options(std::move(given)), shares(std::move(asked)),
          keep(*shares, clock, options.patience), pace(options.bytes_per_second),
          done(eventfd(0, EFD_CLOEXEC)) {
        if (!done)
            throw SystemError("eventfd");
    }

    void run();
    void settle();
    void pause();
    bool wait_for_file(int file, CachedShare& share, std::uint64_t read);
    void wait_for_files();
    struct Next {
        std::shared_ptr<TreeWalk> walk;
        FoundFile file;
    };
    std::optional<Next> next_file();
    void take(TreeWalk& walk, const FoundFile& file);
    void read_file(Fd place, const std::string& path, CachedShare& share);
    bool read_all(int file, CachedShare& share, std::uint64_t& unseen, const std::string& path);
    bool wait_for_pace(std::uint64_t bytes);
    void halt(bool because_in_vain);

    const WarmOptions options;
    const std::size_t piece = piece_at(options.bytes_per_second);     ///< is read at a time
    const std::uint64_t look_every = most_ahead / (options.jobs + 1); ///< bytes of a file
    const std::shared_ptr<const CachedShares> shares;
    const SystemClock clock;
    Complaints complaints;
    KeepWatch keep;

    std::mutex walk_mutex;
    std::size_t next_path = 0;
    std::shared_ptr<TreeWalk> walk;

    std::mutex mutex; ///< of what is below
    std::condition_variable changed;
    Pace pace;
    unsigned running = options.jobs;
    std::atomic<bool> stopped = false; ///< set with the mutex

    std::atomic<unsigned> unsettled = options.jobs;
    std::atomic<bool> in_vain = false;
    std::atomic<std::uint64_t> files = 0, bytes = 0, there = 0, there_bytes = 0;
    Fd done;
};

void Warmer::State::run() {
    while (!stopped) {
        const std::optional<Next> next = next_file();
        if (!next)
            break;
        take(*next->walk, next->file);
    }
    if (--unsettled == 0) {
        settle();
        static_cast<void>(eventfd_write(done.get(), 1));
    }
    const std::lock_guard lock(mutex);
    --running;
    changed.notify_all();
}

/// What was read last may still be on its way; as long as something comes, it is.
void Warmer::State::settle() {
    std::chrono::nanoseconds end = clock.monotonic() + options.patience;
    std::uint64_t before = keep.kept();
    while (!stopped && !keep.settle()) {
        const std::uint64_t kept = keep.kept();
        if (kept > before)
            end = clock.monotonic() + options.patience;
        if (clock.monotonic() > end)
            return;
        before = kept;
        pause();
    }
}

void Warmer::State::pause() {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, look_again, [&] { return stopped.load(); });
}

/// The source may be faster than the cache's disk. False: it is not going to catch up.
bool Warmer::State::wait_for_file(int file, CachedShare& share, std::uint64_t read) {
    std::chrono::nanoseconds end = clock.monotonic() + options.patience;
    while (!stopped && read > share.cached && read - share.cached > look_every / 2) {
        if (clock.monotonic() > end)
            return false;
        pause();
        const std::uint64_t before = share.cached;
        static_cast<void>(keep.read(file, 0, share));
        if (share.cached > before)
            end = clock.monotonic() + options.patience;
    }
    return true;
}

/// The same of those that have been read to their ends.
void Warmer::State::wait_for_files() {
    std::chrono::nanoseconds end = clock.monotonic() + options.patience;
    while (!stopped && keep.waiting() > most_ahead / 2) {
        if (clock.monotonic() > end)
            return keep.give_up();
        pause();
        const std::uint64_t before = keep.kept();
        static_cast<void>(keep.settle());
        if (keep.kept() > before)
            end = clock.monotonic() + options.patience;
    }
}

std::optional<Warmer::State::Next> Warmer::State::next_file() {
    const std::lock_guard lock(walk_mutex);
    for (;;) {
        if (walk) {
            if (std::optional<FoundFile> file = walk->next())
                return Next{walk, std::move(*file)};
            walk.reset();
        }
        if (next_path == options.paths.size())
            return std::nullopt;
        try {
            walk = std::make_shared<TreeWalk>(options.paths[next_path++], complaints);
        } catch (const Failure& failure) { // gone since it was looked at
            complaints.add(failure.what());
        }
    }
}

void Warmer::State::take(TreeWalk& from, const FoundFile& file) {
    std::optional<Fd> place = from.place_of(file);
    if (!place)
        return;
    std::expected<CachedShare, int> share = shares->of(place->get());
    if (!share) {
        complaints.add(file.path, share.error());
    } else if (share->whole()) {
        ++there;
        there_bytes += share->size;
    } else {
        read_file(std::move(*place), file.path, *share);
    }
}

void Warmer::State::read_file(Fd place, const std::string& path, CachedShare& share) {
    // Through the descriptor: the name is not looked up again, and is still of the same file.
    const Fd open_file(
        open(fmt::format("/proc/self/fd/{}", place.get()).c_str(), O_RDONLY | O_CLOEXEC));
    if (!open_file) {
        complaints.add(path, errno);
        return;
    }
    std::uint64_t unseen = 0;
    if (!read_all(open_file.get(), share, unseen, path))
        return;
    ++files;
    if (keep.finished(std::move(place), unseen, share))
        halt(true);
    wait_for_files();
}

/// False: it was not read to its end. `unseen`: bytes since `share` was looked at.
bool Warmer::State::read_all(int file, CachedShare& share, std::uint64_t& unseen,
                             const std::string& path) {
    // What is in memory from before would not be read through the mount.
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(chunk_size);
    const auto size = static_cast<off_t>(share.size);
    bool catches_up = true;
    for (off_t place = 0; place < size;) {
        const std::size_t wanted = std::min(piece, static_cast<std::size_t>(size - place));
        if (!wait_for_pace(wanted))
            return false;
        const ssize_t length = pread(file, buffer.get(), wanted, place);
        if (length < 0)
            complaints.add(path, errno);
        if (length <= 0)
            return length == 0;
        posix_fadvise(file, place, length, POSIX_FADV_DONTNEED);
        place += length;
        bytes += static_cast<std::uint64_t>(length);
        unseen += static_cast<std::uint64_t>(length);
        if (unseen < look_every)
            continue;
        if (keep.read(file, std::exchange(unseen, 0), share)) {
            halt(true);
            return false;
        }
        catches_up = catches_up && wait_for_file(file, share, static_cast<std::uint64_t>(place));
    }
    return true;
}

/// False: it is to end.
bool Warmer::State::wait_for_pace(std::uint64_t size) {
    std::unique_lock lock(mutex);
    const std::chrono::nanoseconds until = pace.reserve(clock.monotonic(), size);
    const std::chrono::steady_clock::time_point begin{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(until)};
    changed.wait_until(lock, begin, [&] { return stopped.load(); });
    return !stopped;
}

void Warmer::State::halt(bool because_in_vain) {
    const std::lock_guard lock(mutex);
    if (because_in_vain)
        in_vain = true;
    stopped = true;
    changed.notify_all();
}

Warmer::Warmer(const WarmOptions& options, std::shared_ptr<const CachedShares> shares)
    : state_(std::make_shared<State>(options, std::move(shares))) {
    try {
        for (unsigned i = 0; i < options.jobs; ++i)
            std::thread([state = state_] { state->run(); }).detach();
    } catch (const std::system_error& error) {
        stop();
        throw SystemError("cannot begin a thread", error.code().value());
    }
}

Warmer::~Warmer() {
    stop();
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, grace, [&] { return state_->running == 0; });
}

int Warmer::done_fd() const {
    return state_->done.get();
}

void Warmer::stop() {
    state_->halt(false);
}

WarmCount Warmer::count() const {
    const State& state = *state_;
    return {state.files,
            state.bytes,
            state.there,
            state.there_bytes,
            state.keep.kept(),
            state.keep.missing(),
            state.complaints.count(),
            state.in_vain};
}

Complaints& Warmer::complaints() {
    return state_->complaints;
}

} // namespace cachefiles::ctl
