// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/parts.hpp"
#include "daemon/admin/report.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cachefiles::daemon::admin {

/// Looks at everything that a report says. Belongs to the administration's thread; waits for the
/// index.
class ReportBuilder final {
public:
    explicit ReportBuilder(const Parts& parts) : parts_(parts) {}

    [[nodiscard]] std::shared_ptr<const CacheReport> build(bool stopping);

private:
    void look_at_space() const;
    [[nodiscard]] std::vector<VolumeReport> volumes(const std::vector<cull::VolumeRule>& rules);
    void count_in_use(CacheReport& report) const;
    [[nodiscard]] bool pinned_by_rule(const std::string& key);

    const Parts& parts_;
    /// Matching takes long where there are many volumes, and its result lasts.
    std::vector<cull::VolumeRule> rules_;
    std::map<std::string, bool> pinned_;
};

/// Whether somebody who saw the first one wants to be told of the second: states, limits, volumes
/// that came or went, pins; not amounts, which change all the time.
[[nodiscard]] bool differs(const CacheReport& before, const CacheReport& after);

} // namespace cachefiles::daemon::admin
