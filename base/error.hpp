// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cachefiles {

/// A call of the system that failed: "CONTEXT: strerror". The context names the file and the
/// action.
class SystemError final : public std::runtime_error {
public:
    explicit SystemError(std::string_view context, int error = errno);

    [[nodiscard]] int error() const noexcept { return error_; }

private:
    int error_;
};

/// The text of an errno value, from any thread.
[[nodiscard]] std::string errno_text(int error);

} // namespace cachefiles
