// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/config/config.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace cachefiles::daemon::metrics {

/// The file for the node exporter's textfile collector, if there is to be one: written anew every
/// so often, under another name first, so that whoever reads it sees all of one text. Readable for
/// all. Removed at the end, and when it is to be another one: old figures would be taken for new.
/// A failure is logged once, until it succeeds again. Neither throws.
class MetricsFile final {
public:
    /// Both are borrowed.
    MetricsFile(const MetricsSettings& settings, const Clock& clock, Log& log);
    ~MetricsFile();
    MetricsFile(const MetricsFile&) = delete;
    MetricsFile& operator=(const MetricsFile&) = delete;

    /// From any thread; takes effect at the next turn().
    void change(const MetricsSettings& settings);
    /// Writes what `text` returns, if it is time. One thread, which may have to wait for the disk.
    void turn(const std::function<std::string()>& text);

private:
    void take_settings();
    void write(const std::filesystem::path& file, const std::string& text);
    [[nodiscard]] static int replace(const std::filesystem::path& file, const std::string& text);
    void remove();

    const Clock& clock_;
    Log& log_;
    MetricsSettings settings_;
    std::optional<std::chrono::nanoseconds> written_at_;
    std::optional<std::filesystem::path> written_; ///< what is there, and ours
    bool failing_ = false;

    std::mutex mutex_; ///< guards what follows
    std::optional<MetricsSettings> changed_;
};

} // namespace cachefiles::daemon::metrics
