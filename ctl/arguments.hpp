// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl {

/// What was said to a verb. A value that cannot be read is a Failure (usage).
class Arguments final {
public:
    Arguments() = default;
    Arguments(std::vector<std::string> operands,
              std::map<std::string, std::string, std::less<>> options)
        : operands_(std::move(operands)), options_(std::move(options)) {}

    [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
    /// The operand, or "".
    [[nodiscard]] std::string operand(std::size_t index) const;

    [[nodiscard]] bool has(std::string_view option) const;
    [[nodiscard]] std::optional<std::string> text(std::string_view option) const;
    [[nodiscard]] std::optional<std::uint64_t> bytes(std::string_view option) const;
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view option) const;
    [[nodiscard]] std::optional<Seconds> duration(std::string_view option) const;

private:
    std::vector<std::string> operands_;
    std::map<std::string, std::string, std::less<>> options_;
};

/// The same for a value from elsewhere; `name` is for the message.
[[nodiscard]] std::uint64_t read_bytes(std::string_view name, const std::string& text);
[[nodiscard]] std::uint64_t read_number(std::string_view name, const std::string& text);
[[nodiscard]] Seconds read_duration(std::string_view name, const std::string& text);

} // namespace cachefiles::ctl
