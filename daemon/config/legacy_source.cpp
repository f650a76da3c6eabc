// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/legacy_source.hpp"

#include "daemon/config/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace cachefiles::daemon {
namespace {

/// Stock refuses a line of a page: the driver takes one page less one byte per command.
constexpr std::size_t longest_line = 4095;

constexpr std::string_view blanks = " \t\r\v\f";

struct Line {
    Position at;       ///< of the key
    Position value_at; ///< of the value, or of where it should be
    std::string_view key;
    std::string_view value; ///< without blanks around it
};

Line split(std::string_view text, unsigned number) {
    const std::size_t end = text.find_last_not_of(blanks) + 1; // 0: nothing but blanks
    const std::size_t key = std::min(text.find_first_not_of(blanks), end);
    const std::size_t key_end = std::min(text.find_first_of(blanks, key), end);
    const std::size_t value = std::min(text.find_first_not_of(blanks, key_end), end);
    return {.at = {number, static_cast<unsigned>(key) + 1},
            .value_at = {number, static_cast<unsigned>(value) + 1},
            .key = text.substr(key, key_end - key),
            .value = text.substr(value, end - value)};
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

class Reader final {
public:
    Reader(SourceText& result, const std::string& file) : result_(result), file_(file) {}

    void take(const Line& line);

private:
    /// A key of stock's, and what becomes of it.
    struct Key {
        std::string_view name;
        std::string_view path; ///< in the schema; empty: no effect
        bool once;             ///< the driver refuses a second one
        void (Reader::*take)(const Key& key, const Line& line);
    };

    void take_value(const Key& key, const Line& line) { add(key, line, line.value); }
    void take_mask(const Key& key, const Line& line) {
        add(key, line, line.value.empty() ? "0" : line.value); // as the driver does
    }
    void take_nocull(const Key& key, const Line& line);
    void take_culltable(const Key& key, const Line& line);
    void take_thresholds(const Key& key, const Line& line);

    void add(const Key& key, const Line& line, std::string_view value);
    void no_effect(const Line& line, std::string_view why) {
        result_.notices.push_back({file_, line.at, fmt::format("{}: {}", line.key, why)});
    }
    void error(Position at, std::string text) {
        result_.errors.push_back({file_, at, std::move(text)});
    }
    [[nodiscard]] bool repeated(const Key& key, const Line& line);
    void unknown(const Line& line);

    static constexpr std::size_t key_count = 13;
    static const std::array<Key, key_count> keys;

    SourceText& result_;
    const std::string& file_;
    std::map<std::string_view, unsigned> seen_; ///< key: its line
};

constexpr std::array<Reader::Key, Reader::key_count> Reader::keys{{
    {"dir", "cache.directory", true, &Reader::take_value},
    {"tag", "cache.tag", true, &Reader::take_value},
    {"secctx", "cache.security-context", true, &Reader::take_value},
    {"brun", "limits.brun", false, &Reader::take_value},
    {"bcull", "limits.bcull", false, &Reader::take_value},
    {"bstop", "limits.bstop", false, &Reader::take_value},
    {"frun", "limits.frun", false, &Reader::take_value},
    {"fcull", "limits.fcull", false, &Reader::take_value},
    {"fstop", "limits.fstop", false, &Reader::take_value},
    {"debug", "cache.kernel-debug", false, &Reader::take_mask},
    {"nocull", "culling.enabled", false, &Reader::take_nocull},
    {"culltable", "", false, &Reader::take_culltable},
    {"resume_thresholds", "", false, &Reader::take_thresholds},
}};

void Reader::take(const Line& line) {
    if (line.key == "bind")
        return error(line.at, "bind: is not for this file; the daemon itself binds the cache");
    const auto* const key = std::ranges::find(keys, line.key, &Key::name);
    if (key == keys.end())
        return unknown(line);
    if (!repeated(*key, line))
        (this->*key->take)(*key, line);
}

bool Reader::repeated(const Key& key, const Line& line) {
    const auto [first, inserted] = seen_.try_emplace(key.name, line.at.line);
    if (inserted)
        return false;
    if (key.once) {
        error(line.at,
              fmt::format("{}: is given twice; first in line {}", key.name, first->second));
        return true;
    }
    no_effect(line, fmt::format("replaces what line {} says", first->second));
    first->second = line.at.line;
    return false;
}

void Reader::unknown(const Line& line) {
    if (line.key.ends_with(':'))
        return error(line.at, fmt::format("{}: unknown key (YAML is read from a file named *.yaml)",
                                          printable(line.key)));
    std::vector<std::string_view> names;
    names.reserve(keys.size());
    for (const Key& key : keys)
        names.push_back(key.name);
    const std::optional<std::string_view> nearest = suggestion(line.key, names);
    error(line.at, fmt::format("{}: unknown key{}", printable(line.key),
                               nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
}

void Reader::add(const Key& key, const Line& line, std::string_view value) {
    result_.entries.push_back({.path = std::string(key.path),
                               .kind = value.empty() ? Entry::Kind::null : Entry::Kind::scalar,
                               .text = std::string(value),
                               .origin = {file_, line.value_at, std::string(key.name)},
                               .key = line.at});
}

void Reader::take_nocull(const Key& key, const Line& line) {
    if (!line.value.empty())
        return error(line.value_at,
                     fmt::format("nocull: {}: takes no value", printable(line.value)));
    add(key, line, "false");
}

void Reader::take_culltable(const Key&, const Line& line) {
    // Stock reads with strtoul: leading zeros are fine. 12 to 20 are its limits.
    const std::string_view digits =
        line.value.substr(std::min(line.value.find_first_not_of('0'), line.value.size()));
    if (!is_number(digits) || digits.size() != 2 || digits < "12" || digits > "20")
        return error(line.value_at, fmt::format("culltable: {}: must be a number from 12 to 20",
                                                printable(line.value)));
    no_effect(line, "has no effect; there is no cull table any more");
}

void Reader::take_thresholds(const Key&, const Line& line) {
    const std::size_t gap = std::min(line.value.find_first_of(blanks), line.value.size());
    const std::string_view first = line.value.substr(0, gap);
    std::string_view second = line.value.substr(gap);
    second.remove_prefix(std::min(second.find_first_not_of(blanks), second.size()));
    for (const std::string_view word : {first, second}) {
        if (word != "-" && !is_number(word))
            return error(line.value_at,
                         fmt::format("resume_thresholds: {}: must be two numbers, blocks and files "
                                     "(- for none)",
                                     printable(line.value)));
    }
    no_effect(line, "has no effect; nothing is scanned that had to be resumed");
}

} // namespace

SourceText read_legacy(std::string_view text, const std::string& file) {
    SourceText result;
    if (text.starts_with("\xef\xbb\xbf")) // a byte order mark
        text.remove_prefix(3);
    Reader reader(result, file);
    for (unsigned number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.size() > longest_line) {
            result.errors.push_back({file, {number, 1}, "is longer than 4095 bytes"});
            continue;
        }
        if (const std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
            const auto column = static_cast<unsigned>(nul) + 1;
            result.errors.push_back({file, {number, column}, "has a NUL byte"});
            continue;
        }
        const Line parts = split(line, number);
        if (!parts.key.empty() && !parts.key.starts_with('#'))
            reader.take(parts);
    }
    return result;
}

} // namespace cachefiles::daemon
