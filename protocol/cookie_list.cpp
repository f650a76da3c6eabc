// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cookie_list.hpp"

#include "protocol/hex.hpp"

#include <algorithm>
#include <charconv>

namespace cachefiles::protocol {
namespace {

/// Reads the columns of one line from left to right. After the first that is wrong all are.
class Columns final {
public:
    explicit Columns(std::string_view line) : rest_(line.substr(0, line.find('\n'))) {}

    [[nodiscard]] bool good() const { return good_; }

    /// Eight hex digits at the start of the line or after spaces.
    void id(std::uint32_t& value) {
        const std::string_view digits = word();
        set(value, digits.size() == 8 ? parse_hex_as<std::uint32_t>(digits) : std::nullopt);
    }
    void number(std::int32_t& value) {
        const std::string_view digits = word();
        const char* const end = digits.data() + digits.size();
        std::int32_t parsed = 0;
        const std::from_chars_result result = std::from_chars(digits.data(), end, parsed);
        const bool whole = result.ec == std::errc{} && result.ptr == end;
        set(value, whole ? std::optional(parsed) : std::nullopt);
    }
    template<class State>
    void state(State& value) {
        const std::string_view letter = word();
        const bool good = letter.size() == 1 && letter.front() > ' ' && letter.front() < '\x7f';
        set(value, good ? std::optional(State{letter.front()}) : std::nullopt);
    }
    void flags(std::uint64_t& value) {
        const std::string_view digits = word();
        set(value, digits.size() >= 2 ? parse_hex(digits) : std::nullopt);
    }
    /// The separating space and exactly this many bytes, which may be spaces themselves.
    std::string_view fixed(std::size_t width) {
        if (!good_ || rest_.size() < 1 + width || rest_.front() != ' ') {
            good_ = false;
            return {};
        }
        const std::string_view column = rest_.substr(1, width);
        rest_.remove_prefix(1 + width);
        return column;
    }
    /// The separating space and all that follows it.
    std::string_view rest() { return fixed(rest_.empty() ? 0 : rest_.size() - 1); }

private:
    std::string_view word() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
        const std::string_view found = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(found.size());
        return found;
    }
    template<class T>
    void set(T& target, std::optional<T> value) {
        good_ = good_ && value;
        if (good_)
            target = *value;
    }

    std::string_view rest_;
    bool good_ = true;
};

/// "KEY" or "KEY, AUX", both in hex.
bool parse_definition(std::string_view text, CookieEntry& entry) {
    const std::size_t comma = text.find(", ");
    std::optional<std::string> key = parse_hex_bytes(text.substr(0, comma));
    std::optional<std::string> aux;
    if (comma == std::string_view::npos)
        aux.emplace();
    else
        aux = parse_hex_bytes(text.substr(comma + 2));
    if (!key || key->empty() || !aux)
        return false;
    entry.key = std::move(*key);
    entry.aux = std::move(*aux);
    return true;
}

template<class Entry>
std::vector<Entry> parse_lines(std::string_view text,
                               std::optional<Entry> (*parse)(std::string_view)) {
    std::vector<Entry> entries;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        if (std::optional<Entry> entry = parse(text.substr(0, end + 1)))
            entries.push_back(std::move(*entry));
        text.remove_prefix(end + 1);
    }
    return entries;
}

} // namespace

std::optional<CookieEntry> parse_cookie_line(std::string_view line) {
    CookieEntry entry;
    Columns columns(line);
    columns.id(entry.id);
    columns.id(entry.volume);
    columns.number(entry.references);
    columns.number(entry.users);
    columns.number(entry.accesses);
    columns.state(entry.state);
    columns.flags(entry.flags);
    const std::string_view definition = columns.rest();
    if (!columns.good() || !parse_definition(definition, entry))
        return std::nullopt;
    return entry;
}

std::optional<VolumeEntry> parse_volume_line(std::string_view line) {
    VolumeEntry entry;
    Columns columns(line);
    columns.id(entry.id);
    columns.number(entry.references);
    columns.number(entry.cookies);
    columns.number(entry.accesses);
    columns.flags(entry.flags);
    const std::string_view cache = columns.fixed(15);
    entry.cache = cache.substr(0, cache.find_last_not_of(' ') + 1);
    entry.key = columns.rest();
    return columns.good() ? std::optional(std::move(entry)) : std::nullopt;
}

std::optional<CacheEntry> parse_cache_line(std::string_view line) {
    CacheEntry entry;
    Columns columns(line);
    columns.id(entry.id);
    columns.number(entry.references);
    columns.number(entry.volumes);
    columns.number(entry.objects);
    columns.number(entry.accesses);
    columns.state(entry.state);
    entry.name = columns.rest();
    return columns.good() ? std::optional(std::move(entry)) : std::nullopt;
}

std::vector<CookieEntry> parse_cookies(std::string_view text) {
    return parse_lines(text, parse_cookie_line);
}

std::vector<VolumeEntry> parse_volumes(std::string_view text) {
    return parse_lines(text, parse_volume_line);
}

std::vector<CacheEntry> parse_caches(std::string_view text) {
    return parse_lines(text, parse_cache_line);
}

} // namespace cachefiles::protocol
