// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/power_cut.hpp"

#include "tests/campaign/random.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace cachefiles::campaign {
namespace {

// A disk loses its cache by whole pages or less; smaller pieces would only break checksums.
constexpr std::size_t piece_size = 4096;

} // namespace

PowerCut::PowerCut(const WriteLog& log, std::size_t entries) : log_(log), entries_(entries) {
    for (flushed_ = entries_; flushed_ > 0 && !log_.entries()[flushed_ - 1].flush; --flushed_) {
    }
    // The entry that flushes has data of its own, which the flush does not cover.
    flushed_ = flushed_ > 0 ? flushed_ - 1 : 0;
}

std::string PowerCut::last_mark() const {
    for (std::size_t i = entries_; i-- > 0;) {
        if (!log_.entries()[i].mark.empty())
            return log_.entries()[i].mark;
    }
    return {};
}

void PowerCut::write_flushed(std::size_t from, const Write& write) const {
    for (std::size_t i = from; i < flushed_; ++i) {
        const WriteLog::Entry& entry = log_.entries()[i];
        if (entry.length > 0)
            write(entry.offset, log_.data(entry));
    }
}

void PowerCut::write_rest(std::uint64_t seed, const Write& write) const {
    Random random(seed);
    const std::uint64_t share = random.below(8); // of seven that lives
    for (std::size_t i = flushed_; i < entries_; ++i) {
        const WriteLog::Entry& entry = log_.entries()[i];
        const std::vector<std::byte> data =
            entry.length > 0 ? log_.data(entry) : std::vector<std::byte>{};
        for (std::size_t at = 0; at < data.size(); at += piece_size) {
            const std::size_t length = std::min(piece_size, data.size() - at);
            if (entry.fua || random.below(7) < share)
                write(entry.offset + at, std::span(data).subspan(at, length));
        }
    }
}

} // namespace cachefiles::campaign
