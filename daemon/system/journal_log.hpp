// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"

#include <atomic>
#include <string>

namespace cachefiles::daemon {

/// Where the daemon's messages go.
enum class LogTarget {
    automatic,    ///< the journal if stderr is connected to it, otherwise stderr (or syslog once
                  ///< detached)
    error_output, ///< plain text on stderr (the stock option -s)
    syslog,
};

/// Writes to the journal with structured fields, to stderr, or to syslog. Thread-safe.
class JournalLog final : public Log {
public:
    JournalLog(LogTarget target, Severity level);

    void write(Severity severity, std::string_view message_id, std::string_view text,
               std::initializer_list<LogField> fields) override;

    /// Messages less severe than this are dropped. From any thread.
    void set_level(Severity level) { level_ = level; }
    [[nodiscard]] Severity level() const { return level_; }
    /// journal, console or syslog: as org.freedesktop.LogControl1 calls it.
    [[nodiscard]] std::string target() const;

private:
    enum class Sink { journal, plain, prefixed, syslog };

    [[nodiscard]] static Sink choose(LogTarget target);

    Sink sink_;
    std::atomic<Severity> level_;
};

} // namespace cachefiles::daemon
