// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace cachefiles::tests {

/// Keeps what was logged, so that a test can ask for it.
class RecordingLog final : public Log {
public:
    struct Line {
        Severity severity;
        std::string message_id;
        std::string text;
    };

    void write(Severity severity, std::string_view message_id, std::string_view text,
               std::initializer_list<LogField>) override {
        const std::lock_guard lock(mutex_);
        lines_.push_back({severity, std::string(message_id), std::string(text)});
    }

    [[nodiscard]] std::vector<Line> lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    [[nodiscard]] bool contains(std::string_view part) const {
        const std::vector<Line> all = lines();
        return std::any_of(all.begin(), all.end(), [part](const Line& line) {
            return line.text.find(part) != std::string::npos;
        });
    }

private:
    mutable std::mutex mutex_;
    std::vector<Line> lines_;
};

} // namespace cachefiles::tests
