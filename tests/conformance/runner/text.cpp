// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/text.hpp"

#include "protocol/hex.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace cachefiles::conformance {

namespace {

constexpr std::size_t shown_runs = 24; // as the kernel module shows

std::string unquote(std::string_view word) {
    std::string bytes;
    for (std::size_t at = 1; at + 1 < word.size(); ++at) {
        if (word[at] != '\\') {
            bytes += word[at];
            continue;
        }
        switch (word[++at]) {
        case 'n':
            bytes += '\n';
            break;
        case 't':
            bytes += '\t';
            break;
        case 'x':
            bytes += from_hex(word.substr(at + 1, 2));
            at += 2;
            break;
        default:
            bytes += word[at];
        }
    }
    return bytes;
}

std::string repeated(std::string_view text) {
    const std::size_t star = text.find('*');
    if (star == std::string_view::npos)
        throw ScriptError("no * in rep:" + std::string(text));
    const std::string byte = from_hex(text.substr(0, star));
    return std::string(parse_number(text.substr(star + 1)), byte.at(0));
}

std::string test_vector(std::size_t length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i)
        bytes += static_cast<char>(0x81 + i * 37 % 127);
    return bytes;
}

} // namespace

std::vector<std::string> split_words(std::string_view line) {
    std::vector<std::string> words;
    bool in_word = false;
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (!quoted && (c == ' ' || c == '\t')) {
            in_word = false;
            continue;
        }
        if (!quoted && !in_word && c == '#')
            break;
        if (!in_word)
            words.emplace_back();
        in_word = true;
        words.back() += c;
        if (quoted && c == '\\' && at + 1 < line.size())
            words.back() += line[++at];
        else if (c == '"')
            quoted = !quoted;
    }
    if (quoted)
        throw ScriptError("a quotation mark is missing");
    return words;
}

std::string parse_bytes(std::string_view word) {
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"')
        return unquote(word);
    if (word.starts_with("hex:"))
        return from_hex(word.substr(4));
    if (word.starts_with("rep:"))
        return repeated(word.substr(4));
    if (word.starts_with("vector:"))
        return test_vector(parse_number(word.substr(7)));
    throw ScriptError("these are no bytes: " + std::string(word));
}

std::uint64_t parse_number(std::string_view word) {
    std::uint64_t factor = 1;
    std::string_view digits = word;
    if (word.ends_with('K'))
        factor = 1U << 10U;
    else if (word.ends_with('M'))
        factor = 1U << 20U;
    if (factor != 1)
        digits.remove_suffix(1);
    const int base = digits.starts_with("0x") ? 16 : 10;
    if (base == 16)
        digits.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || end != digits.data() + digits.size())
        throw ScriptError("this is no number: " + std::string(word));
    return value * factor;
}

std::string to_hex(std::string_view bytes) {
    if (bytes.empty())
        return "-";
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::string from_hex(std::string_view digits) {
    if (digits == "-" || digits.empty())
        return {};
    const std::optional<std::string> bytes = protocol::parse_hex_bytes(digits);
    if (!bytes)
        throw ScriptError("these are no pairs of hexadecimal digits: " + std::string(digits));
    return *bytes;
}

std::string printable(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        if (c >= ' ' && c < 0x7f && c != '\\')
            text += c;
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

std::string errno_name(int error) {
    const char* const name = ::strerrorname_np(error);
    return name != nullptr ? name : fmt::format("errno {}", error);
}

std::string describe_runs(std::string_view bytes) {
    std::string text;
    std::size_t at = 0;
    for (std::size_t run = 0; at < bytes.size() && run < shown_runs; ++run) {
        std::size_t end = bytes.find_first_not_of(bytes[at], at);
        if (end == std::string_view::npos)
            end = bytes.size();
        text += fmt::format(" {:02x}*{}", static_cast<unsigned char>(bytes[at]), end - at);
        at = end;
    }
    if (at < bytes.size())
        text += " and more";
    return text;
}

} // namespace cachefiles::conformance
