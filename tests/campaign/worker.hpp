// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/campaign/cached_file.hpp"
#include "tests/campaign/journal.hpp"
#include "tests/campaign/judge.hpp"
#include "tests/campaign/random.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace cachefiles::campaign {

/// What the threads of a workload share. `volumes` has Source::volumes entries.
struct Workload {
    std::deque<CachedFile> files;
    std::vector<cachefiles_volume*> volumes;
    Journal& journal;
    Judge judge;
};

/// One thread of the workload: a random operation on a random file at a time. What is wrong goes
/// to the judge; a cache that does not answer is none.
class Worker final {
public:
    Worker(Workload& workload, std::uint64_t seed) : work_(workload), random_(seed) {}

    void step();

private:
    // Reading and filling (worker_reads.cpp).
    struct Planned {
        cachefiles_plan plan{};
        std::uint32_t version = 0;
    };
    void read_through(CachedFile& file);
    void read_by_plan(CachedFile& file);
    bool read_planned(CachedFile& file, std::uint64_t& position, std::uint64_t end);
    [[nodiscard]] Planned plan(CachedFile& file, std::uint64_t start, std::uint64_t end);
    void read_cached(CachedFile& file, const Planned& planned, std::uint64_t& position);
    void fill(CachedFile& file, const Planned& planned);
    void fill_by_grant(CachedFile& file);
    void write_grant(CachedFile& file, const cachefiles_grant& grant, std::uint32_t version,
                     std::uint64_t way);

    // New versions, and what becomes of cookies (worker_changes.cpp).
    void advance(CachedFile& file);
    void invalidate(CachedFile& file, std::uint32_t version);
    void modify(CachedFile& file, std::uint32_t version);
    void modify_range(CachedFile& file, std::uint32_t version, std::uint64_t start,
                      std::uint64_t end);
    void resize(CachedFile& file, std::uint32_t version);
    void end_modification(CachedFile& file);
    void acquire_anew(CachedFile& file);
    void hold(CachedFile& file);
    void let_go(CachedFile& file);

    [[nodiscard]] CachedFile& any_file();
    /// A range that begins in the file; all of it, one time in three.
    struct Range {
        std::uint64_t start = 0;
        std::uint64_t end = 0;
    };
    [[nodiscard]] Range any_range(const CachedFile& file);

    Workload& work_;
    Random random_;
    std::vector<std::byte> buffer_;
};

/// With the coherency data of its present version; no cookie if that fails.
void acquire(Workload& workload, CachedFile& file);

} // namespace cachefiles::campaign
