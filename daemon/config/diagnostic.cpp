// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/diagnostic.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {

std::string Diagnostic::to_string() const {
    if (source.empty())
        return text;
    if (at.line == 0)
        return fmt::format("{}: {}", source, text);
    return fmt::format("{}:{}:{}: {}", source, at.line, at.column, text);
}

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 80; // one line of a terminal
    if (text.empty())
        return "\"\"";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
        if (result.size() > longest) {
            result.resize(longest);
            // not in the middle of a UTF-8 sequence
            while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0xc0) == 0x80)
                result.pop_back();
            if (!result.empty() && static_cast<unsigned char>(result.back()) >= 0xc0)
                result.pop_back();
            return result + "...";
        }
    }
    return result;
}

} // namespace cachefiles::daemon
