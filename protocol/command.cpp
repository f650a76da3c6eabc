// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/command.hpp"

#include <algorithm>
#include <cerrno>

namespace cachefiles::protocol {

bool is_command_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

std::expected<Command, int> parse_command(std::string_view bytes, DriverBuild build) {
    if (bytes.size() > max_command)
        return std::unexpected(EOPNOTSUPP);
    if (bytes.find('\0') != std::string_view::npos) // also after the newline
        return std::unexpected(EINVAL);
    if (bytes.starts_with('\n'))
        return std::unexpected(EINVAL);
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    const auto word_end = std::find_if(line.begin(), line.end(), is_command_space);
    const auto argument = std::find_if_not(word_end, line.end(), is_command_space);
    const std::optional<Verb> verb = parse_verb(std::string_view(line.begin(), word_end), build);
    if (!verb) // an empty word, too: leading whitespace
        return std::unexpected(EOPNOTSUPP);
    return Command{*verb, std::string(argument, line.end())};
}

} // namespace cachefiles::protocol
