// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/metrics/metric_table.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cachefiles::daemon::metrics {

/// The samples of one text, by their metrics. Those of metrics that the table does not have are
/// dropped.
class SampleSet final {
public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// `cache`: the value of the label that all have.
    explicit SampleSet(std::string_view cache);

    void add(std::string_view name, double value, Labels labels = {});
    /// A key of Statistics: a name, perhaps with labels in braces.
    void add_statistic(std::string_view key, double value);

    [[nodiscard]] std::string text() const;

private:
    struct Sample {
        std::string name;   ///< with what a histogram's have behind its own
        std::string labels; ///< `a="b",c="d"`
        double value;
        double bound; ///< `le` of a histogram's buckets; what its others have is larger than all
    };

    void put(std::string_view name, std::string labels, double value);

    std::string cache_; ///< the label
    std::map<const Metric*, std::vector<Sample>> samples_;
};

/// The value of a label in quotes may have anything but these three.
[[nodiscard]] std::string escape_label(std::string_view value);

} // namespace cachefiles::daemon::metrics
