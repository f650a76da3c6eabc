// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/config/config.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// How each kind of value is written. A codec has the Type of the value, parse() and format(), and
/// `grammar`: what a value looks like, for messages. format() gives what parse() takes back
/// exactly. The error of parse() is the rule that is broken.
namespace cachefiles::daemon::values {

template<class T>
using Parsed = std::expected<T, std::string>;

/// A whole number in decimal, without sign or leading zeros (0644 would be octal to YAML).
[[nodiscard]] Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                                 std::uint64_t most);
[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text, std::uint64_t least,
                                               std::uint64_t most);
[[nodiscard]] Parsed<Seconds> parse_time(std::string_view text, Seconds least, Seconds most);
[[nodiscard]] std::string format_size(std::uint64_t bytes);
[[nodiscard]] std::string format_time(Seconds seconds);

/// "7%" or "7". At most 99: the driver wants less than 100.
struct Percent {
    using Type = unsigned;
    static constexpr std::string_view grammar = "PERCENT";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value);
};

template<std::uint64_t Least, std::uint64_t Most>
struct Number {
    using Type = std::uint64_t;
    static constexpr std::string_view grammar = "NUMBER";
    static Parsed<Type> parse(std::string_view text) { return parse_number(text, Least, Most); }
    static std::string format(Type value) { return std::to_string(value); }
};

/// As parse_bytes.
template<std::uint64_t Least, std::uint64_t Most>
struct Size {
    using Type = std::uint64_t;
    static constexpr std::string_view grammar = "SIZE";
    static Parsed<Type> parse(std::string_view text) { return parse_size(text, Least, Most); }
    static std::string format(Type value) { return format_size(value); }
};

/// As parse_duration.
template<Seconds Least, Seconds Most>
struct Time {
    using Type = Seconds;
    static constexpr std::string_view grammar = "TIME";
    static Parsed<Type> parse(std::string_view text) { return parse_time(text, Least, Most); }
    static std::string format(Type value) { return format_time(value); }
};

/// true, yes, on; false, no, off; in any case.
struct Switch {
    using Type = bool;
    static constexpr std::string_view grammar = "true|false";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value) { return value ? "true" : "false"; }
};

/// An absolute path without newline or NUL, short enough for a command to the driver.
struct Path {
    using Type = std::filesystem::path;
    static constexpr std::string_view grammar = "PATH";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(const Type& value) { return value.string(); }
};

/// The name of the cache; also that of the index's file, hence no "/" and at most 200 bytes.
struct Tag {
    using Type = std::string;
    static constexpr std::string_view grammar = "NAME";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(const Type& value) { return value; }
};

/// Text on one line that does not begin with a blank, which the driver would drop.
struct Text {
    using Type = std::string;
    static constexpr std::string_view grammar = "TEXT";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(const Type& value) { return value; }
};

/// As strtoul(3) with base 0, which the driver uses.
struct Mask {
    using Type = unsigned;
    static constexpr std::string_view grammar = "MASK";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value);
};

struct LogLevel {
    using Type = Severity;
    static constexpr std::string_view grammar = "error|warning|notice|info|debug";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value);
};

struct EventSource {
    using Type = Events;
    static constexpr std::string_view grammar = "auto|fanotify|inotify|off";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value);
};

struct BackendName {
    using Type = BackendKind;
    static constexpr std::string_view grammar = "kernel|user";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value);
};

struct BinderName {
    using Type = BoundBy;
    static constexpr std::string_view grammar = "daemon|device";
    static Parsed<Type> parse(std::string_view text);
    static std::string format(Type value);
};

/// What may be absent: "none".
template<class Codec>
struct Optional {
    using Type = std::optional<typename Codec::Type>;
    static constexpr std::string_view grammar = Codec::grammar;
    static Parsed<Type> parse(std::string_view text) {
        if (text == "none")
            return Type{};
        Parsed<typename Codec::Type> value = Codec::parse(text);
        if (!value)
            return std::unexpected(value.error() + ", or none");
        return Type{std::move(*value)};
    }
    static std::string format(const Type& value) { return value ? Codec::format(*value) : "none"; }
};

/// A codec for another type of number with the same text.
template<class Codec, class As>
struct Cast {
    using Type = As;
    static constexpr std::string_view grammar = Codec::grammar;
    static Parsed<Type> parse(std::string_view text) {
        const Parsed<typename Codec::Type> value = Codec::parse(text);
        if (!value)
            return std::unexpected(value.error());
        return static_cast<As>(*value);
    }
    static std::string format(const Type& value) {
        if constexpr (requires { value.count(); })
            return Codec::format(value.count());
        else
            return Codec::format(value);
    }
};

} // namespace cachefiles::daemon::values
