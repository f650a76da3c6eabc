// SPDX-License-Identifier: GPL-2.0-or-later
// Clients that fill, modify, resize, invalidate and relinquish, on the model, a store and an index,
// in a process that is killed at any moment; then every block that the index claims is compared
// with its source, as everything that the cache would serve. More rounds: CACHEFILESD_CRASH_ROUNDS;
// another first seed: CACHEFILESD_CRASH_SEED.
#include "cache/file_io.hpp"
#include "cache/model.hpp"
#include "cache/thread_executor.hpp"
#include "index/test_hooks.hpp"
#include "protocol/hash.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;

namespace {

constexpr std::uint64_t block = Content::block_size;
constexpr std::size_t files = 6;
constexpr std::size_t threads = 3; // each has files of its own
constexpr std::uint64_t most_blocks = 6;

class RealClock final : public Clock {
public:
    [[nodiscard]] Seconds now() const override { return ::time(nullptr); }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

/// What the server has of each file, shared by both processes and never lost: the version is in the
/// coherency data, so what is found under those must be of it. `next` is what the client has made
/// of it, and has not told the server yet: that can be found as well, under its own coherency data.
struct Source {
    struct File {
        std::atomic<std::uint64_t> version;
        std::atomic<std::uint64_t> size;
        std::atomic<std::uint64_t> next_version;
        std::atomic<std::uint64_t> next_size;
    };
    std::array<File, files> all;
    std::atomic<std::uint64_t> operations;
    std::atomic<std::uint64_t> filled; ///< blocks
};

/// The first bytes of each 4 KiB say what they are; the rest is not looked at.
struct Stamp {
    std::uint64_t file;
    std::uint64_t version;
    std::uint64_t at;
    bool operator==(const Stamp&) const = default;
};
constexpr std::uint64_t page = 4096;

bool write_pages(int fd, std::uint64_t file, std::uint64_t version, std::uint64_t start,
                 std::uint64_t end) {
    for (std::uint64_t at = start; at < end; at += page) {
        std::array<char, page> bytes{};
        const Stamp stamp{file, version, at};
        std::memcpy(bytes.data(), &stamp, sizeof stamp);
        const std::size_t length = std::min(page, end - at);
        if (pwrite(fd, bytes.data(), length, static_cast<off_t>(at)) !=
            static_cast<ssize_t>(length))
            return false;
    }
    return true;
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Coherency coherency_of(std::uint64_t version, std::uint64_t size) {
    return {"v" + std::to_string(version), size};
}
std::string key_of(std::size_t file) {
    return "file" + std::to_string(file);
}

/// One client: its files, one after the other, at random.
class Client final {
public:
    Client(Model& model, index::Index& index, VolumePtr volume, Source& source, std::uint64_t seed,
           std::size_t number)
        : model_(model), index_(index), volume_(std::move(volume)), source_(source), random_(seed),
          number_(number) {}

    [[noreturn]] void run() {
        for (;;)
            session(number_ + threads * below(files / threads));
    }

private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    Source::File& truth(std::size_t file) { return source_.all[file]; }

    void session(std::size_t file) {
        const bool modify = below(2) == 0;
        std::promise<CookiePtr> acquired;
        model_.acquire_cookie(volume_,
                              {key_of(file), coherency_of(truth(file).version, truth(file).size)},
                              [&](auto result) { acquired.set_value(result ? *result : nullptr); });
        const CookiePtr cookie = acquired.get_future().get();
        if (!cookie || model_.use(cookie, modify) != std::errc{})
            ::_exit(3);
        for (std::uint64_t left = below(12); left > 0; --left) {
            ++source_.operations;
            switch (below(modify ? 8 : 6)) {
            case 0:
                if (below(3) == 0) {
                    invalidate(file, cookie);
                    break;
                }
                [[fallthrough]];
            default:
                write(file, cookie, WritePurpose::fill);
                break;
            case 6:
                change(file, cookie);
                break;
            case 7:
                resize(file, cookie);
                break;
            }
        }
        settle(file);
        const Coherency last = coherency_of(truth(file).version, truth(file).size);
        (void)model_.unuse(cookie, last.aux, last.object_size);
        (void)model_.relinquish_cookie(cookie, below(6) == 0);
        if (below(3) == 0) // as the daemon's own thread does it every now and then
            index_.commit();
    }

    /// The server's file is another one; the cache is told.
    void invalidate(std::size_t file, const CookiePtr& cookie) {
        announce(file, below(most_blocks * block));
        settle(file);
        model_.invalidate(cookie, coherency_of(truth(file).version, 0).aux, truth(file).size,
                          false);
    }

    /// All of it is written anew; what is not in the cache then is of the new version, too. The
    /// server learns of it when the file is closed: after a crash it has the old version.
    void change(std::size_t file, const CookiePtr& cookie) {
        announce(file, truth(file).next_size);
        const bool done = with_file(cookie, [&](const std::shared_ptr<BackendFile>& open) {
            const std::uint64_t size = truth(file).next_size;
            std::expected<WriteGrant, int> grant =
                prepare_write(open, WritePurpose::modify, 0, std::max<std::uint64_t>(size, 1));
            return grant &&
                   write_pages(open->descriptor(), file, truth(file).next_version, 0, size) &&
                   commit_write(*std::move(grant), 0, size) == 0;
        });
        if (!done)
            give_up(file, cookie);
    }

    /// A size of another version: blocks of the old one stay valid, so the version does as well.
    void resize(std::size_t file, const CookiePtr& cookie) {
        const std::uint64_t size = below(most_blocks * block);
        truth(file).next_size = size;
        std::promise<bool> done;
        model_.resize(cookie, size, [&](bool resized) { done.set_value(resized); });
        if (!done.get_future().get())
            give_up(file, cookie);
    }

    void write(std::size_t file, const CookiePtr& cookie, WritePurpose purpose) {
        with_file(cookie, [&](const std::shared_ptr<BackendFile>& open) {
            std::expected<WriteGrant, int> grant =
                prepare_write(open, purpose, below(most_blocks) * block, below(3) * block + 1);
            if (!grant)
                return false;
            const std::uint64_t start = grant->start, length = grant->length;
            // Now and then only a part is written, or rubbish, which is not committed.
            const std::uint64_t written = below(5) == 0 ? below(length) : length;
            const bool rubbish = below(4) == 0;
            const std::uint64_t version = rubbish ? UINT64_MAX : truth(file).next_version.load();
            if (!write_pages(open->descriptor(), file, version, start, start + written) || rubbish)
                return false;
            source_.filled += written / block;
            return commit_write(*std::move(grant), start, written) == 0;
        });
    }

    template<typename Work>
    bool with_file(const CookiePtr& cookie, Work work) {
        std::promise<OperationPtr> begun;
        model_.begin_operation(cookie,
                               [&](auto result) { begun.set_value(result ? *result : nullptr); });
        const OperationPtr operation = begun.get_future().get();
        if (!operation)
            return false;
        std::promise<bool> ready;
        model_.wait(operation, Want::write, [&](bool answer) { ready.set_value(answer); });
        bool done = false;
        if (ready.get_future().get()) {
            if (const std::shared_ptr<BackendFile> open = model_.file(operation))
                done = work(open);
        }
        model_.end_operation(operation);
        return done;
    }

    void announce(std::size_t file, std::uint64_t size) {
        truth(file).next_size = size;
        truth(file).next_version = truth(file).next_version + 1;
    }
    void settle(std::size_t file) {
        truth(file).size = truth(file).next_size.load();
        truth(file).version = truth(file).next_version.load();
    }
    /// It was not to be had: what the cache has is void.
    void give_up(std::size_t file, const CookiePtr& cookie) {
        announce(file, truth(file).next_size);
        settle(file);
        model_.invalidate(cookie, coherency_of(truth(file).version, 0).aux, truth(file).size,
                          false);
    }

    Model& model_;
    index::Index& index_;
    VolumePtr volume_;
    Source& source_;
    std::mt19937_64 random_;
    std::size_t number_;
};

class DieOnError final : public BackendEvents {
public:
    void io_error(const std::string&) override { ::_exit(4); }
};

index::IndexOptions index_options(const std::filesystem::path& path) {
    index::IndexOptions options;
    options.path = path;
    options.reserve = 0;
    options.hooks = std::make_shared<index::TestHooks>(index::TestHooks{.sync = false});
    return options;
}

/// In the child: never returns.
[[noreturn]] void work(const std::filesystem::path& directory, Source& source, std::uint64_t seed) {
    RealClock clock;
    NullLog log;
    DieOnError events;
    const auto index = index::Index::open(index_options(directory / "index.db"), clock, log);
    ThreadExecutor executor(4);
    Model model({executor, clock, log});
    const CachePtr cache = model.prepare_cache("cache").value();
    model.activate_cache(cache, std::make_shared<store::Store>(store::Options{
                                    .root = directory / "root",
                                    .events = events,
                                    .log = log,
                                    .clock = clock,
                                    .stop_limits = {},
                                    .index = index.get(),
                                    .commit_interval = std::chrono::milliseconds(20)}));
    std::promise<VolumePtr> acquired;
    model.acquire_volume({StoreBench::volume_key, {}, "c"},
                         [&](auto result) { acquired.set_value(result.value_or(nullptr)); });
    const VolumePtr volume = acquired.get_future().get();
    std::vector<std::thread> clients;
    for (std::size_t number = 0; number < threads; ++number)
        clients.emplace_back([&, number] {
            Client(model, *index, volume, source, seed * threads + number, number).run();
        });
    for (std::thread& client : clients)
        client.join();
    ::_exit(5);
}

struct Tally {
    std::uint64_t found = 0;  ///< objects
    std::uint64_t blocks = 0; ///< that the index claims
    std::uint64_t wrong = 0;
};

/// Is the block `number` what the source has of that version?
bool is_right(int fd, std::size_t file, std::uint64_t version, std::uint64_t size,
              std::uint64_t number) {
    const std::uint64_t end = std::min((number + 1) * block, size);
    for (std::uint64_t at = number * block; at < end; at += page) {
        Stamp stamp{};
        const std::size_t length = std::min<std::size_t>(sizeof stamp, end - at);
        if (pread(fd, &stamp, length, static_cast<off_t>(at)) != static_cast<ssize_t>(length))
            return false;
        const Stamp expected{file, version, at};
        if (std::memcmp(&stamp, &expected, length) != 0)
            return false;
    }
    return true;
}

/// Looks up each file as the source has it, and as it would have been.
void verify(const std::filesystem::path& directory, Source& source, Tally& tally) {
    SimulatedClock clock;
    RecordingLog log;
    RecordingEvents events;
    const auto index = index::Index::open(index_options(directory / "index.db"), clock, log);
    store::Store store({.root = directory / "root",
                        .events = events,
                        .log = log,
                        .clock = clock,
                        .stop_limits = {},
                        .index = index.get(),
                        .commit_interval = {}});
    const auto volume = store.attach_volume(StoreBench::volume_key, "c", 0);
    REQUIRE(volume);
    for (std::size_t file = 0; file < files; ++file) {
        CAPTURE(file);
        Source::File& truth = source.all[file];
        for (const bool next : {false, true}) {
            const std::uint64_t version = next ? truth.next_version : truth.version;
            const std::uint64_t size = next ? truth.next_size : truth.size;
            const Coherency wanted = coherency_of(version, size);
            const std::uint32_t salt = protocol::volume_hash(StoreBench::volume_key);
            Lookup lookup = volume->look_up(
                {key_of(file), protocol::cookie_hash(salt, key_of(file))}, wanted, {});
            if (lookup.result != Lookup::Result::found)
                continue; // dropped as a crash leaves it
            ++tally.found;
            const std::shared_ptr<BackendFile> open = lookup.object->file();
            const index::ContentMap map = open->content().map(0);
            for (std::uint64_t number = 0; number < most_blocks; ++number) {
                if (!map.test(number))
                    continue;
                ++tally.blocks;
                if (!is_right(open->descriptor(), file, version, size, number))
                    ++tally.wrong;
            }
            lookup.object->detach(Ending::commit, wanted);
        }
        // The next run begins with one truth.
        truth.version = truth.next_version.load();
        truth.size = truth.next_size.load();
    }
    CHECK(events.count() == 0);
    CHECK(index->verify().empty());
}

} // namespace

TEST_SUITE_BEGIN("cache::store crash");

TEST_CASE("killed at any moment: every block that is claimed afterwards is right") {
    NEED_A_STORE();
    const std::uint64_t rounds = number_from("CACHEFILESD_CRASH_ROUNDS", 20);
    const std::uint64_t first = number_from("CACHEFILESD_CRASH_SEED", 1);
    void* const memory =
        mmap(nullptr, sizeof(Source), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    Source& source = *new (memory) Source();
    Tally tally;
    std::uint64_t filled = 0;
    for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
        CAPTURE(seed);
        const TemporaryDirectory directory;
        std::filesystem::create_directory(directory.path() / "root");
        for (Source::File& file : source.all)
            file.size = file.next_size = 3 * block + 100;
        // Two crashes of the same cache: the second run begins with what the first one left.
        for (int life = 0; life < 2; ++life) {
            source.operations = 0;
            std::mt19937_64 random(seed * 2 + static_cast<std::uint64_t>(life));
            const std::uint64_t last = 20 + random() % 600;
            const pid_t child = ::fork();
            REQUIRE(child >= 0);
            if (child == 0)
                work(directory.path(), source, random());
            int status = 0;
            while (source.operations < last && waitpid(child, &status, WNOHANG) == 0)
                std::this_thread::yield();
            ::kill(child, SIGKILL);
            if (!WIFEXITED(status) || status == 0)
                REQUIRE(waitpid(child, &status, 0) == child);
            REQUIRE(WIFSIGNALED(status));
            verify(directory.path(), source, tally);
        }
        filled += source.filled.exchange(0);
    }
    munmap(memory, sizeof(Source));
    MESSAGE("crashes: " << rounds * 2 << ", " << tally.found << " objects found, " << tally.blocks
                        << " blocks claimed, " << tally.wrong << " wrong; " << filled << " filled");
    CHECK(tally.wrong == 0);
    // It finds something, or it proves nothing.
    CHECK(tally.found > 0);
    CHECK(tally.blocks > 0);
}

TEST_SUITE_END();
