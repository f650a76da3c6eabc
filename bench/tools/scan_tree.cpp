// SPDX-License-Identifier: GPL-2.0-or-later
// Our first scan of a cache's tree: fills an empty index from it, and prints how long that took.
// Usage: scan_tree CACHE DATABASE THREADS [check], where `check` has every object checked, too, so
// that the index is as a daemon leaves it.
#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/kernel/object_checker.hpp"
#include "daemon/tree/reconciler.hpp"

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cachefiles;

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void scan(const std::filesystem::path& cache, const std::filesystem::path& database,
          unsigned threads, bool check) {
    const SystemClock clock;
    NullLog log;
    index::IndexOptions options;
    options.path = database;
    const auto begin = std::chrono::steady_clock::now();
    const auto index = index::Index::open(options, clock, log);
    const daemon::CacheTree tree(cache);
    daemon::Reconciler reconciler({tree, *index, clock, log, threads});
    const daemon::ReconcileReport report = reconciler.run([] { return true; });
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("objects=%llu\nunsettled=%zu\nwall=%.3f\nuser=%.3f\nsystem=%.3f\npeak_kib=%ld\n",
                static_cast<unsigned long long>(report.objects_read), report.unsettled.size(),
                wall.count(), seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss);
    daemon::ObjectChecker checker(tree, *index);
    std::vector<index::Object> unusable;
    while (check && checker.step(unusable)) {
    }
    if (!unusable.empty())
        throw std::runtime_error("objects that the driver cannot use");
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 4 && argc != 5)
            throw std::runtime_error("usage: scan_tree CACHE DATABASE THREADS [check]");
        scan(argv[1], argv[2], static_cast<unsigned>(std::stoul(argv[3])), argc == 5);
    } catch (const std::exception& error) {
        std::cerr << "scan_tree: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
