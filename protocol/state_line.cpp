// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/state_line.hpp"

#include "protocol/hex.hpp"

#include <algorithm>
#include <array>

namespace cachefiles::protocol {
namespace {

struct NumberField {
    std::string_view name;
    std::uint64_t StateLine::* member;
};

// "cull" stands before these and "freleased", which is narrower, before the last.
constexpr std::array<NumberField, 7> number_fields{{
    {"frun", &StateLine::frun},
    {"fcull", &StateLine::fcull},
    {"fstop", &StateLine::fstop},
    {"brun", &StateLine::brun},
    {"bcull", &StateLine::bcull},
    {"bstop", &StateLine::bstop},
    {"breleased", &StateLine::breleased},
}};
constexpr unsigned culling_seen = 1U << 7;
constexpr unsigned freleased_seen = 1U << 8;
constexpr unsigned all_seen = (1U << 9) - 1;

/// Reads one NAME=VALUE into the state; the field's bit, 0 if unknown, nothing if wrong.
std::optional<unsigned> read_field(StateLine& state, std::string_view field) {
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    if (name == "cull") {
        state.culling = value == "1";
        return value == "0" || value == "1" ? std::optional(culling_seen) : std::nullopt;
    }
    if (name == "freleased") {
        const std::optional<std::uint32_t> number = parse_hex_as<std::uint32_t>(value);
        state.freleased = number.value_or(0);
        return number ? std::optional(freleased_seen) : std::nullopt;
    }
    for (std::size_t i = 0; i < number_fields.size(); ++i) {
        if (name != number_fields[i].name)
            continue;
        const std::optional<std::uint64_t> number = parse_hex(value);
        state.*number_fields[i].member = number.value_or(0);
        return number ? std::optional(1U << i) : std::nullopt;
    }
    return 0;
}

} // namespace

std::optional<StateLine> parse_state_line(std::string_view text) {
    constexpr std::string_view separators = " \t\n";
    StateLine state;
    unsigned seen = 0;
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
        if (text.empty())
            break;
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        const std::optional<unsigned> field = read_field(state, text.substr(0, end));
        if (!field || (seen & *field) != 0)
            return std::nullopt;
        seen |= *field;
        text.remove_prefix(end);
    }
    return seen == all_seen ? std::optional(state) : std::nullopt;
}

std::string format_state_line(const StateLine& state) {
    std::string text = state.culling ? "cull=1" : "cull=0";
    for (const NumberField& field : number_fields) {
        if (field.member == &StateLine::breleased) {
            text += " freleased=";
            append_hex(text, state.freleased);
        }
        text += ' ';
        text += field.name;
        text += '=';
        append_hex(text, state.*field.member);
    }
    return text;
}

} // namespace cachefiles::protocol
