// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <chrono>
#include <functional>
#include <string_view>

namespace cachefiles::daemon::admin {

/// Writes into a descriptor of somebody else, who may read slowly, stop reading, or go away. It is
/// left as it is: whether it blocks is a matter of everybody who has it. SIGPIPE has to be ignored
/// in the thread.
class LineWriter final {
public:
    enum class Result {
        written,
        reader_gone,
        stopped, ///< `go_on` said no while the reader took nothing
        failed,  ///< errno
    };

    explicit LineWriter(Fd fd);

    /// All of `text`. `go_on` is asked while the reader takes nothing, with how long that has been.
    [[nodiscard]] Result write(std::string_view text,
                               const std::function<bool(std::chrono::milliseconds stalled)>& go_on);

private:
    /// How many bytes went; 0: none at present; -1: errno.
    [[nodiscard]] long write_some(std::string_view text);

    Fd fd_;
    bool socket_ = false;
    std::size_t most_; ///< in one call
};

} // namespace cachefiles::daemon::admin
