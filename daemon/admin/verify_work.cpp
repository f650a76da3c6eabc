// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/verify_work.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

constexpr std::chrono::milliseconds comparison_interval{250};

// Reading the tree takes far longer than reading the index.
constexpr unsigned share_of_index = 1'000; // permyriad
constexpr unsigned whole = 10'000;

unsigned part_of(std::uint64_t part, std::uint64_t of, unsigned share) {
    return of == 0 ? 0 : static_cast<unsigned>(std::min(part, of) * share / of);
}

class Verification final {
public:
    Verification(index::Index& index, const CompareTree& compare, JobControl& control)
        : index_(index), compare_(compare), control_(control) {}

    JobEnd run() {
        verify_index();
        if (control_.go_on() && compare_)
            compare_tree();
        end_.state = control_.go_on() && complete_ ? JobState::done : JobState::canceled;
        return std::move(end_);
    }

private:
    void verify_index() {
        const std::uint64_t all = index_.totals().objects;
        end_.findings = index_.verify([this, all](std::uint64_t rows) {
            rows_ = rows;
            control_.note({part_of(rows, all, share_of_index), rows, 0, 0});
            return control_.go_on();
        });
    }

    void compare_tree() {
        const auto comparison = std::make_shared<Comparison>([this] { control_.wake(); });
        compare_(comparison);
        while (!comparison->over()) { // at the latest with the thread that compares
            if (!control_.go_on())
                comparison->cancel();
            const unsigned part =
                part_of(comparison->compared(), comparison->directories(), whole - share_of_index);
            control_.note({share_of_index + part, rows_, 0, 0});
            control_.wait(comparison_interval);
        }
        complete_ = comparison->complete();
        std::ranges::move(comparison->findings(), std::back_inserter(end_.findings));
    }

    index::Index& index_;
    const CompareTree& compare_;
    JobControl& control_;
    std::uint64_t rows_ = 0;
    bool complete_ = true;
    JobEnd end_;
};

} // namespace

JobWork verify_work(index::Index& index, CompareTree compare) {
    return [&index, compare = std::move(compare)](JobControl& control) {
        return Verification(index, compare, control).run();
    };
}

} // namespace cachefiles::daemon::admin
