// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace cachefiles::exerciser {

/// The last operations, as text.
class OperationLog final {
public:
    /// Of the operation that begins; its number, from 1.
    std::uint32_t begin() { return ++number_; }
    [[nodiscard]] std::uint32_t number() const { return number_; }

    /// What it does, before it is done.
    void note(std::string text) {
        lines_.push_back(std::to_string(number_) + " " + std::move(text));
        if (lines_.size() > kept)
            lines_.pop_front();
    }
    [[nodiscard]] std::string tail() const {
        std::string text;
        for (const std::string& line : lines_)
            text += "  " + line + "\n";
        return text;
    }

private:
    static constexpr std::size_t kept = 50;

    std::uint32_t number_ = 0;
    std::deque<std::string> lines_;
};

} // namespace cachefiles::exerciser
