// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::conformance {

/// A case file that says something that cannot be understood: "FILE:LINE: what".
class ScriptError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The words of a line; what stands between quotation marks is one, with the marks.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line);

/// A word that stands for bytes: "text" with \n, \t, \\, \" and \xNN; hex:NN...; rep:NN*COUNT;
/// vector:COUNT (the bytes of on-disk-format.md section 5.3, vector 20). Errors: ScriptError.
[[nodiscard]] std::string parse_bytes(std::string_view word);

/// Decimal or 0x..., with K or M behind it. Errors: ScriptError.
[[nodiscard]] std::uint64_t parse_number(std::string_view word);

/// Two digits for each byte; "-" for none.
[[nodiscard]] std::string to_hex(std::string_view bytes);
/// The inverse. Errors: ScriptError.
[[nodiscard]] std::string from_hex(std::string_view digits);

/// One line of printable text: any other byte is \xNN.
[[nodiscard]] std::string printable(std::string_view bytes);

/// "ENOBUFS".
[[nodiscard]] std::string errno_name(int error);

/// Runs of equal bytes: " aa*4096 00*8192", at most 24 of them.
[[nodiscard]] std::string describe_runs(std::string_view bytes);

} // namespace cachefiles::conformance
