// SPDX-License-Identifier: GPL-2.0-or-later
// Cookie cycles through libcachefiles (acquire, use, unuse, relinquish) on objects that exist, in
// turns in a small cache and in a large one, each with a daemon of its own. In both as many objects
// are taken, at random from all that populate.cpp has made: each once, and then all of them again.
// Usage:
//
//   cookie_cycles ROUNDS CYCLES SOCKET OBJECTS PID SOCKET OBJECTS PID
#include "bench/tools/cached_files.hpp"
#include "bench/tools/population.hpp"
#include "bench/tools/rounds.hpp"

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <iostream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cachefiles::bench;

class Cache final {
public:
    Cache(const char* socket, std::size_t objects, pid_t daemon, std::size_t count) {
        std::vector<std::uint64_t> all(objects);
        std::iota(all.begin(), all.end(), 0);
        std::shuffle(all.begin(), all.end(), std::mt19937_64(1));
        all.resize(std::min(objects, count));
        chosen_ = std::move(all);
        if (clock_getcpuclockid(daemon, &clock_) != 0)
            throw std::runtime_error("no such daemon");
        check(cachefiles_connect(socket, "bench", CACHEFILES_CONNECT_NOW, &connection_), socket);
        for (std::size_t volume = 0; volume < volume_keys.size(); ++volume) {
            const std::string& key = volume_keys.at(volume);
            check(cachefiles_acquire_volume(connection_, key.data(), key.size(), nullptr, nullptr,
                                            0, &volumes_.at(volume)),
                  key);
            aux_.at(volume) = aux_of(volume);
        }
    }
    ~Cache() { cachefiles_close(connection_); }
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

    /// `look`: waits for each object, which must be the one that exists.
    void cycles(std::size_t count, bool look) {
        std::uint64_t last = 0;
        for (std::size_t i = 0; i < count; ++i) {
            last = chosen_[next_++ % chosen_.size()];
            cachefiles_cookie* const cookie = acquire(last);
            check(cachefiles_use(cookie, 0), "use");
            if (look)
                look_at(cookie);
            check(cachefiles_unuse(cookie, nullptr, 0, nullptr), "unuse");
            cachefiles_relinquish_cookie(cookie, 0);
        }
        // Waits until the daemon has done all that it was asked for: about the last one, at least.
        cachefiles_relinquish_cookie(acquire(last), 0);
    }

    /// Of the daemon, in seconds.
    [[nodiscard]] double cpu() const {
        timespec time{};
        clock_gettime(clock_, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
    }

private:
    cachefiles_cookie* acquire(std::uint64_t number) {
        const std::size_t volume = volume_of(number);
        const std::string key = cookie_key(number);
        const std::string& aux = aux_.at(volume);
        cachefiles_cookie* cookie = nullptr;
        check(cachefiles_acquire_cookie(volumes_.at(volume), key.data(), key.size(), aux.data(),
                                        aux.size(), object_size, &cookie),
              "acquire");
        return cookie;
    }

    /// Without a cache the answer would be DOWNLOAD.
    static void look_at(cachefiles_cookie* cookie) {
        cachefiles_plan plan{};
        cachefiles_plan_read(cookie, 0, object_size, &plan);
        if (plan.source != CACHEFILES_READ && plan.source != CACHEFILES_STORE)
            throw std::runtime_error("an object is not cached");
    }

    std::vector<std::uint64_t> chosen_;
    std::size_t next_ = 0;
    clockid_t clock_{};
    cachefiles_connection* connection_ = nullptr;
    std::array<cachefiles_volume*, volume_keys.size()> volumes_{};
    std::array<std::string, volume_keys.size()> aux_;
};

void measure(const char* what, Cache& small, Cache& large, std::size_t rounds, std::size_t cycles,
             bool look) {
    std::vector<double> small_cpu, large_cpu;
    const auto run = [&](Cache& cache, std::vector<double>& cpu) {
        const double before = cache.cpu();
        cache.cycles(cycles, look);
        cpu.push_back(cache.cpu() - before);
    };
    Rounds all;
    all.run(
        rounds, [&](std::size_t) { run(large, large_cpu); },
        [&](std::size_t) { run(small, small_cpu); }, [](std::size_t) {});
    all.print(what, static_cast<double>(cycles));
    const double per_cycle = 1e9 / static_cast<double>(cycles);
    std::cout << "what=" << what << ",daemon_cpu ours=" << quantile(large_cpu, 0.5) * per_cycle
              << " peer=" << quantile(small_cpu, 0.5) * per_cycle
              << " speed=" << quantile(small_cpu, 0.5) / quantile(large_cpu, 0.5)
              << " rounds=" << rounds << std::endl;
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 9)
            throw std::runtime_error("usage: cookie_cycles ROUNDS CYCLES SOCKET OBJECTS PID "
                                     "SOCKET OBJECTS PID");
        const std::size_t rounds = std::stoul(argv[1]), cycles = std::stoul(argv[2]);
        const std::size_t count = rounds * cycles;
        Cache small(argv[3], std::stoul(argv[4]), std::stoi(argv[5]), count);
        Cache large(argv[6], std::stoul(argv[7]), std::stoi(argv[8]), count);
        measure("first_time,looked_up", small, large, rounds, cycles, true);
        measure("again,looked_up", small, large, rounds, cycles, true);
        measure("again", small, large, rounds, cycles, false);
    } catch (const std::exception& error) {
        std::cerr << "cookie_cycles: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
