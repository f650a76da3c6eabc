// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace cachefiles::bench {

/// Seconds that `work` takes.
template<class Work>
double seconds_of(const Work& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

inline double quantile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    return values.at(static_cast<std::size_t>(part * static_cast<double>(values.size() - 1)));
}

/// The same work by two, one right after the other, and each the first as often as the other: on a
/// machine that others use, too, the median of the ratios is that of the two, whatever the load.
class Rounds final {
public:
    /// `after(round)` cleans up after each of the two; it is not timed.
    template<class Ours, class Peers, class After>
    void run(std::size_t rounds, const Ours& ours, const Peers& peers, const After& after) {
        for (std::size_t round = 0; round < rounds; ++round) {
            double mine = 0, others = 0;
            const auto run_ours = [&] {
                mine = seconds_of([&] { ours(round); });
                after(round);
            };
            if (round % 2 == 0)
                run_ours();
            others = seconds_of([&] { peers(round); });
            after(round);
            if (round % 2 == 1)
                run_ours();
            ours_.push_back(mine);
            peers_.push_back(others);
            speeds_.push_back(others / mine);
        }
    }

    /// `unit` things were done in each round. Medians in nanoseconds for one, the median of our
    /// speed as a multiple of the peer's, and its quartiles.
    void print(const std::string& what, double units) const {
        std::printf("what=%s ours=%.1f peer=%.1f speed=%.3f low=%.3f high=%.3f rounds=%zu\n",
                    what.c_str(), quantile(ours_, 0.5) / units * 1e9,
                    quantile(peers_, 0.5) / units * 1e9, quantile(speeds_, 0.5),
                    quantile(speeds_, 0.25), quantile(speeds_, 0.75), speeds_.size());
        std::fflush(stdout);
    }

private:
    std::vector<double> ours_, peers_, speeds_;
};

} // namespace cachefiles::bench
