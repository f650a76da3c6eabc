// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/text/style.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl {

/// Which blocks of an object are there, from the bits that the bus has: the first block in the
/// lowest bit of the first byte. It ends behind the last block that is there.
class ContentMap final {
public:
    explicit ContentMap(std::string_view bits);

    [[nodiscard]] std::size_t size() const { return blocks_.size(); }
    [[nodiscard]] std::size_t present() const;
    /// What is there, as pairs of the first block and how many.
    [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> ranges() const;
    /// Lines of at most `style.width` columns, `rows` at most: a block for each cell, or where they
    /// are too many as many as needed. "█" or "#" all there, "▒" or "+" some, "░" or "." none.
    [[nodiscard]] std::string text(unsigned rows, const Style& style) const;
    /// How many blocks a cell of that text is.
    [[nodiscard]] std::size_t blocks_per_cell(unsigned rows, const Style& style) const;

private:
    std::vector<bool> blocks_;
};

} // namespace cachefiles::ctl
