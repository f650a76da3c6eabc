// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/context.hpp"

#include <string_view>

namespace cachefiles::ctl {

/// A line on stderr that is drawn again and again, and wiped in the end. Nothing where stderr is no
/// terminal that can, or nobody wants to see it.
class ProgressLine final {
public:
    explicit ProgressLine(const Context& context);
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() { wipe(); }

    [[nodiscard]] bool shown() const { return shown_; }
    /// `text` fits the terminal.
    void draw(std::string_view text);
    /// Until it is drawn again: for whatever else is written.
    void wipe();

private:
    bool shown_;
    bool drawn_ = false;
};

} // namespace cachefiles::ctl
