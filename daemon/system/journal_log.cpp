// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/journal_log.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION // the place in our source says nothing to an administrator
#include <fmt/format.h>
#include <systemd/sd-journal.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace cachefiles::daemon {
namespace {

/// systemd sets JOURNAL_STREAM to DEVICE:INODE of the socket it gave us as stderr; a shell that
/// redirected stderr afterwards has another one there.
bool connected_to_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat error_output{};
    if (stream == nullptr || fstat(STDERR_FILENO, &error_output) != 0)
        return false;
    return fmt::format("{}:{}", error_output.st_dev, error_output.st_ino) == stream;
}

/// One line, whatever a file name holds: control characters would forge lines in a plain log.
std::string printable(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            line += fmt::format("\\x{:02x}", byte);
        else
            line += c;
    }
    return line;
}

void send_to_journal(Severity severity, std::string_view message_id, std::string_view text,
                     std::initializer_list<LogField> fields) {
    std::vector<std::string> entries;
    entries.push_back(fmt::format("MESSAGE={}", text));
    entries.push_back(fmt::format("PRIORITY={}", static_cast<int>(severity)));
    if (!message_id.empty())
        entries.push_back(fmt::format("MESSAGE_ID={}", message_id));
    for (const LogField& field : fields)
        entries.push_back(fmt::format("{}={}", field.name, field.value));
    std::vector<iovec> parts;
    parts.reserve(entries.size());
    for (std::string& entry : entries)
        parts.push_back({entry.data(), entry.size()});
    sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

} // namespace

JournalLog::JournalLog(LogTarget target, Severity level) : sink_(choose(target)), level_(level) {
    if (sink_ == Sink::syslog)
        openlog("cachefilesd", LOG_PID, LOG_DAEMON);
}

JournalLog::Sink JournalLog::choose(LogTarget target) {
    if (target == LogTarget::syslog)
        return Sink::syslog;
    if (target == LogTarget::automatic && connected_to_journal())
        return Sink::journal;
    // systemd understands a "<N>" prefix on a pipe or a socket; a person at a terminal does not
    // want to see it, and neither does somebody who asked for plain stderr.
    const bool supervised = std::getenv("JOURNAL_STREAM") != nullptr;
    return target == LogTarget::automatic && supervised ? Sink::prefixed : Sink::plain;
}

std::string JournalLog::target() const {
    switch (sink_) {
    case Sink::journal:
        return "journal";
    case Sink::syslog:
        return "syslog";
    case Sink::plain:
    case Sink::prefixed:
        break;
    }
    return "console";
}

void JournalLog::write(Severity severity, std::string_view message_id, std::string_view text,
                       std::initializer_list<LogField> fields) {
    if (severity > level_.load(std::memory_order_relaxed))
        return;
    switch (sink_) {
    case Sink::journal:
        send_to_journal(severity, message_id, text, fields);
        return;
    case Sink::syslog:
        ::syslog(static_cast<int>(severity), "%s", printable(text).c_str());
        return;
    case Sink::plain:
    case Sink::prefixed:
        break;
    }
    std::string line = printable(text) + "\n";
    line.insert(0, sink_ == Sink::prefixed ? fmt::format("<{}>", static_cast<int>(severity))
                                           : std::string("cachefilesd: "));
    // One write for one line, so that lines of different threads do not mix.
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace cachefiles::daemon
