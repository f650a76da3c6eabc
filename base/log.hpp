// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace cachefiles {

/// The levels of syslog(3) that are used here, with its numbers.
enum class Severity : int {
    error = 3,   ///< the administrator must act
    warning = 4, ///< works, but less well than it should
    notice = 5,  ///< a change of state: bound, culling started
    info = 6,    ///< a summary of a run
    debug = 7,   ///< one object
};

/// One structured field; the name is upper case and starts with CACHEFILES_.
struct LogField {
    std::string_view name;
    std::string value;
};

/// Where messages go. Every implementation may be called from any thread.
class Log {
public:
    virtual ~Log() = default;
    /// `message_id` is a 128-bit journal id in hex (base/message_ids.hpp), or empty.
    virtual void write(Severity severity, std::string_view message_id, std::string_view text,
                       std::initializer_list<LogField> fields) = 0;

    void error(std::string_view text) { write(Severity::error, {}, text, {}); }
    void warning(std::string_view text) { write(Severity::warning, {}, text, {}); }
    void notice(std::string_view text) { write(Severity::notice, {}, text, {}); }
    void info(std::string_view text) { write(Severity::info, {}, text, {}); }
    void debug(std::string_view text) { write(Severity::debug, {}, text, {}); }
};

/// For tests and tools that do not care.
class NullLog final : public Log {
public:
    void write(Severity, std::string_view, std::string_view,
               std::initializer_list<LogField>) override {}
};

} // namespace cachefiles
