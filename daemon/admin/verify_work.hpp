// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/job_control.hpp"
#include "daemon/tree/comparison.hpp"
#include "index/index.hpp"

#include <functional>
#include <memory>

namespace cachefiles::daemon::admin {

/// Has the cache's tree compared with the index by whoever keeps them in step. From any thread;
/// does not wait.
using CompareTree = std::function<void(std::shared_ptr<Comparison>)>;

/// Compares the index with itself, then with the tree.
[[nodiscard]] JobWork verify_work(index::Index& index, CompareTree compare);

} // namespace cachefiles::daemon::admin
