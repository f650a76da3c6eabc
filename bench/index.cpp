// SPDX-License-Identifier: GPL-2.0-or-later
// Speed and memory of the index: fill, open, touch, upsert, pop (oldest + forget); filling and
// popping also as the same SQL without our layer, as a ratio. Usage: bench_index [DIRECTORY
// [OBJECTS...]]
#include "index/index.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "bench/index_plain.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::index;

constexpr unsigned directories = 256;
constexpr std::size_t batch = 4096; // the culler's
constexpr Seconds epoch = 1'700'000'000;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// VmRSS or VmHWM in MiB.
double memory(const std::string& field) {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with(field + ":"))
            return std::strtod(line.c_str() + field.size() + 1, nullptr) / 1024;
    }
    return 0;
}

/// Runs `work` on `count` objects and prints a row of the table. Returns its CPU seconds.
template<class Work>
double measure(const char* what, std::size_t count, const Work& work) {
    std::ofstream("/proc/self/clear_refs") << "5"; // the peak starts anew
    const double cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    const double used = cpu_seconds() - cpu;
    const auto objects = static_cast<double>(count);
    fmt::print("{:<28} {:>10} {:>8.2f} {:>11.0f} {:>9.2f} {:>8.0f} {:>8.0f}\n", what, count,
               wall.count(), objects / wall.count(), used / objects * 1e6, memory("VmRSS"),
               memory("VmHWM"));
    std::fflush(stdout);
    return used;
}

std::string name_of(std::uint64_t number) {
    return fmt::format("E{:039x}", number * 0x9E3779B97F4A7C15);
}

/// What a scan of one directory would find: every directory-th object.
std::vector<Object> directory_contents(unsigned fanout, std::size_t count,
                                       std::mt19937_64& random) {
    std::vector<Object> objects;
    for (std::size_t number = fanout; number < count; number += directories) {
        const auto age = static_cast<Seconds>(random() % 10'000'000);
        objects.push_back({ObjectId(),
                           name_of(number),
                           {(1 + random() % 256) * 4096, epoch - age, ObjectState::idle}});
    }
    return objects;
}

void fill(Index& index, VolumeId volume, std::size_t count) {
    std::mt19937_64 random(1);
    index.begin_load();
    for (unsigned fanout = 0; fanout < directories; ++fanout) {
        const DirectoryId directory{volume, static_cast<std::uint8_t>(fanout)};
        index.put_all(directory, directory_contents(fanout, count, random));
        index.set_mark(directory, 1);
        index.commit_if_due();
    }
    index.end_load();
}

void pop(Index& index, std::size_t count) {
    while (count > 0) {
        OldestQuery query;
        query.limit = std::min(count, batch);
        const std::vector<Object> victims = index.oldest(query);
        if (victims.empty())
            return;
        index.forget(victims);
        index.commit_if_due();
        count -= victims.size();
    }
    index.commit();
}

/// CPU seconds for filling and popping.
struct Cost {
    double fill = 0, pop = 0;
};

Cost run_plain(const std::filesystem::path& base, std::uint64_t page_cache, std::size_t count,
               std::size_t part) {
    Cost cost;
    bench::PlainIndex plain(base / "plain.db", page_cache);
    cost.fill = measure("plain SQL: fill", count, [&] {
        std::mt19937_64 random(1);
        for (unsigned fanout = 0; fanout < directories; ++fanout)
            plain.fill(directory_contents(fanout, count, random));
        plain.finish_fill();
    });
    cost.pop = measure("plain SQL: pop", part, [&] {
        for (std::size_t left = part; left > 0;)
            left -= plain.pop(std::min(left, batch));
        plain.commit();
    });
    return cost;
}

/// Looking up, touching and putting objects of an index that is full.
void run_single(Index& index, VolumeId volume, std::size_t count, std::size_t part) {
    std::mt19937_64 random(2);
    std::vector<ObjectId> ids;
    const auto directory_of = [volume](std::uint64_t number) {
        return DirectoryId{volume, static_cast<std::uint8_t>(number % directories)};
    };
    measure("find by name", part, [&] {
        for (std::size_t i = 0; i < part; ++i) {
            const std::uint64_t number = random() % count;
            const std::optional<Object> object = index.find(directory_of(number), name_of(number));
            ids.push_back(object ? object->id : ObjectId());
        }
    });
    measure("touch, with the flush", part, [&] {
        for (const ObjectId id : ids) {
            index.touch(id, epoch - static_cast<Seconds>(random() % 1000));
            index.commit_if_due();
        }
        (void)index.nth_oldest_use(0);
        index.commit();
    });
    measure("put, known object", part, [&] {
        for (std::size_t i = 0; i < part; ++i) {
            const std::uint64_t number = random() % count;
            index.put(directory_of(number), name_of(number),
                      {random() % 1'000'000, epoch - static_cast<Seconds>(random() % 10'000'000),
                       ObjectState::idle});
            index.commit_if_due();
        }
        index.commit();
    });
    measure("put, new object", part, [&] {
        for (std::size_t i = 0; i < part; ++i) {
            const std::uint64_t number = count + i;
            index.put(directory_of(number), name_of(number), {4096, epoch, ObjectState::idle});
            index.commit_if_due();
        }
        index.commit();
    });
}

void run(const std::filesystem::path& base, std::size_t count) {
    const SystemClock clock;
    NullLog log;
    IndexOptions options;
    options.path = base / "bench.db";
    fmt::print("\n{} objects, {} directories, page cache {} MiB\n", count, directories,
               options.page_cache >> 20);
    fmt::print("{:<28} {:>10} {:>8} {:>11} {:>9} {:>8} {:>8}\n", "", "objects", "s", "per s",
               "us CPU", "MiB", "peak");

    std::unique_ptr<Index> index = Index::open(options, clock, log);
    const VolumeId volume = index->add_volume("bench");
    const std::size_t part = std::min<std::size_t>(count / 10, 200'000);
    Cost ours;
    ours.fill = measure("fill", count, [&] { fill(*index, volume, count); });
    measure("close", count, [&] { index.reset(); });
    measure("open", count, [&] { index = Index::open(options, clock, log); });
    ours.pop = measure("pop, 4096 at a time", part, [&] { pop(*index, part); });
    run_single(*index, volume, count, part);
    measure("verify", count, [&] {
        for (const std::string& line : index->verify())
            fmt::print("{}\n", line);
    });
    index.reset();
    std::filesystem::remove_all(base);
    std::filesystem::create_directories(base);

    const Cost plain = run_plain(base, options.page_cache, count, part);
    fmt::print("CPU against plain SQL: fill {:.2f}, pop {:.2f}\n", ours.fill / plain.fill,
               ours.pop / plain.pop);
}

} // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        std::vector<std::size_t> counts;
        for (std::size_t i = 1; i < arguments.size(); ++i)
            counts.push_back(std::stoul(arguments[i]));
        if (counts.empty())
            counts = {1'000'000, 10'000'000};
        for (const std::size_t count : counts) {
            const std::filesystem::path base =
                std::filesystem::path(arguments.empty() ? "." : arguments[0]) / "bench-index";
            std::filesystem::remove_all(base);
            run(base, count);
            std::filesystem::remove_all(base);
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
