// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/metrics/metrics_file.hpp"
#include "daemon/metrics/metrics_text.hpp"

#include <string>
#include <utility>

namespace cachefiles::daemon::metrics {

/// The metrics of one cache, for whoever asks and for the file.
class Exporter final {
public:
    /// `backend`: its name in the samples. The others are borrowed.
    Exporter(std::string backend, const MetricsSettings& settings, const Clock& clock, Log& log)
        : build_{CACHEFILESD_VERSION, std::move(backend)}, clock_(clock),
          file_(settings, clock, log) {}

    /// From any thread.
    [[nodiscard]] std::string text(const admin::CacheReport& report) const {
        return metrics_text(report, build_, clock_.now());
    }
    void change(const MetricsSettings& settings) { file_.change(settings); }

    /// After each report: the file is written, if it is time. One thread.
    void reported(const admin::CacheReport& report) {
        file_.turn([&] { return text(report); });
    }

private:
    const Build build_;
    const Clock& clock_;
    MetricsFile file_;
};

} // namespace cachefiles::daemon::metrics
