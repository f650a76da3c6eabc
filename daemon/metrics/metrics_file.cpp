// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/metrics_file.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

namespace cachefiles::daemon::metrics {
namespace {

constexpr mode_t for_all_to_read = 0644; // the exporter is another user

/// 0 or an errno.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

} // namespace

MetricsFile::MetricsFile(const MetricsSettings& settings, const Clock& clock, Log& log)
    : clock_(clock), log_(log), settings_(settings) {}

MetricsFile::~MetricsFile() {
    remove();
}

void MetricsFile::change(const MetricsSettings& settings) {
    const std::lock_guard lock(mutex_);
    changed_ = settings;
}

void MetricsFile::take_settings() {
    const std::lock_guard lock(mutex_);
    const std::optional<MetricsSettings> changed = std::exchange(changed_, std::nullopt);
    if (!changed || *changed == settings_)
        return;
    if (changed->textfile != settings_.textfile) {
        remove();
        failing_ = false;
        written_at_.reset();
    }
    settings_ = *changed;
}

void MetricsFile::turn(const std::function<std::string()>& text) {
    take_settings();
    if (!settings_.textfile)
        return;
    const std::chrono::nanoseconds now = clock_.monotonic();
    if (written_at_ && now - *written_at_ < settings_.interval)
        return;
    written_at_ = now;
    write(*settings_.textfile, text());
}

void MetricsFile::write(const std::filesystem::path& file, const std::string& text) {
    const int error = replace(file, text);
    if (error == 0)
        written_ = file;
    else if (!failing_)
        log_.warning(
            fmt::format("cannot write metrics to {}: {}", file.string(), errno_text(error)));
    else
        return;
    if (error == 0 && failing_)
        log_.notice(fmt::format("metrics are written to {} again", file.string()));
    failing_ = error != 0;
}

/// 0 or an errno. The collector takes no name that does not end in .prom. Whoever may write to the
/// directory must not lead us elsewhere: nothing that is there is followed, or written to.
int MetricsFile::replace(const std::filesystem::path& file, const std::string& text) {
    const std::string fresh = (file.parent_path() / ("." + file.filename().string() + ".new"));
    static_cast<void>(::unlink(fresh.c_str())); // of one who was killed
    const Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd)
        return errno;
    int error = write_all(fd.get(), text);
    if (error == 0 && ::fchmod(fd.get(), for_all_to_read) != 0)
        error = errno;
    if (error == 0 && ::rename(fresh.c_str(), file.c_str()) != 0)
        error = errno;
    if (error != 0)
        static_cast<void>(::unlink(fresh.c_str()));
    return error;
}

void MetricsFile::remove() {
    if (written_)
        static_cast<void>(::unlink(written_->c_str()));
    written_.reset();
}

} // namespace cachefiles::daemon::metrics
