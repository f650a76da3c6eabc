// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/suggestion.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace cachefiles::daemon {
namespace {

constexpr std::size_t longest_word = 64; // the work grows with the product of the lengths

std::string folded(std::string_view word) {
    std::string result;
    for (const char c : word) {
        if (c >= 'A' && c <= 'Z')
            result += static_cast<char>(c | 0x20);
        else
            result += c == '_' ? '-' : c;
    }
    return result;
}

/// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min(
                {last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

} // namespace

std::optional<std::string_view> suggestion(std::string_view word,
                                           std::span<const std::string_view> names) {
    if (word.empty() || word.size() > longest_word)
        return std::nullopt;
    const std::string meant = folded(word);
    std::optional<std::string_view> nearest;
    std::size_t least = SIZE_MAX;
    for (const std::string_view name : names) {
        const std::size_t off = distance(meant, folded(name));
        if (off < least && off <= std::max<std::size_t>(1, name.size() / 3)) {
            least = off;
            nearest = name;
        }
    }
    return nearest;
}

} // namespace cachefiles::daemon
