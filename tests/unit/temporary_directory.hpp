// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

namespace cachefiles::tests {

/// A directory of the test's own, deleted with it. Kept, and its path printed, when an exception
/// is under way, so that a failure can be looked at.
class TemporaryDirectory final {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    int exceptions_;
};

} // namespace cachefiles::tests
