// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/text/style.hpp"

#include <string>
#include <vector>

namespace cachefiles::ctl {

/// Rows in columns that are as wide as their widest cell, two blanks apart.
class Table final {
public:
    enum class Align { left, right };
    struct Column {
        std::string heading; ///< "" in all: no line of headings
        Align align = Align::left;
        bool clipped = false; ///< gives way where the table is too wide; one column at most
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    /// As many cells as columns. Those of the clipped column have no colours.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// Lines, each with a newline and with `indent` blanks before it.
    [[nodiscard]] std::string text(const Style& style, unsigned indent = 0) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths(const Style& style, unsigned indent) const;
    [[nodiscard]] bool has_headings() const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace cachefiles::ctl
