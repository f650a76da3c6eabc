// SPDX-License-Identifier: GPL-2.0-or-later
// What the power cut campaign does with the log of writes:
//   replay_log cuts LOG COUNT SEED MARK
//       COUNT cut points at random after the last mark of that text, in order
//   replay_log flushed LOG DISK FROM CUT
//       what is on the disk for certain; prints the FROM of the next cut, and the text of the last
//       mark before the cut
//   replay_log rest LOG DISK CUT SEED
//       and of the rest, any part
#include "base/error.hpp"
#include "base/fd.hpp"
#include "tests/campaign/power_cut.hpp"
#include "tests/campaign/random.hpp"
#include "tests/campaign/write_log.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <string>
#include <vector>

namespace cachefiles::campaign {
namespace {

PowerCut::Write writer(int disk) {
    return [disk](std::uint64_t offset, std::span<const std::byte> data) {
        if (::pwrite(disk, data.data(), data.size(), static_cast<off_t>(offset)) !=
            static_cast<ssize_t>(data.size()))
            throw SystemError("write the disk");
    };
}

Fd open_disk(const std::string& path) {
    Fd disk(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!disk)
        throw SystemError("open " + path);
    return disk;
}

void flush(const Fd& disk) {
    if (::fsync(disk.get()) != 0)
        throw SystemError("flush the disk");
}

void print_cuts(const WriteLog& log, std::size_t count, std::uint64_t seed,
                const std::string& mark) {
    const std::vector<WriteLog::Entry>& entries = log.entries();
    std::size_t first = entries.size(); // that is cut off at the earliest cut
    while (first > 0 && entries[first - 1].mark != mark)
        --first;
    if (first == 0)
        throw SystemError("the log has no mark " + mark, EINVAL);
    if (entries.size() - first < 2 * count)
        throw SystemError("the log has too few entries to cut at", EINVAL);
    Random random(seed);
    std::set<std::size_t> cuts;
    while (cuts.size() < count)
        cuts.insert(first + random.below(entries.size() - first + 1));
    for (const std::size_t cut : cuts)
        fmt::print("{}\n", cut);
}

int run(const std::vector<std::string>& words) {
    if (words.size() < 2)
        return 2;
    const WriteLog log(words[1]);
    if (words[0] == "cuts" && words.size() == 5) {
        print_cuts(log, std::stoul(words[2]), std::stoull(words[3]), words[4]);
    } else if (words[0] == "flushed" && words.size() == 5) {
        const Fd disk = open_disk(words[2]);
        const PowerCut cut(log, std::stoul(words[4]));
        cut.write_flushed(std::stoul(words[3]), writer(disk.get()));
        flush(disk);
        const std::string mark = cut.last_mark();
        fmt::print("{} {}\n", cut.flushed(), mark.empty() ? "0" : mark);
    } else if (words[0] == "rest" && words.size() == 5) {
        const Fd disk = open_disk(words[2]);
        PowerCut(log, std::stoul(words[3])).write_rest(std::stoull(words[4]), writer(disk.get()));
        flush(disk);
    } else {
        return 2;
    }
    return 0;
}

} // namespace
} // namespace cachefiles::campaign

int main(int argc, char** argv) {
    try {
        return cachefiles::campaign::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "replay_log: {}\n", error.what());
        return 1;
    }
}
