// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/audit.hpp"
#include "index/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cachefiles::index {

/// Compares what is kept twice: totals with rows, the recency order with the table, names with
/// their ids; repairs the totals and the order. Works in steps, between which others may change
/// rows. Not thread-safe. Errors: SqliteError.
class Verifier final {
public:
    /// The store must outlive it, unless it is told to let go().
    explicit Verifier(Store& store);
    ~Verifier();
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    /// One step. True if there is more to do.
    [[nodiscard]] bool step();
    void let_go() { store_ = nullptr; }
    /// Compared so far.
    [[nodiscard]] std::uint64_t rows() const { return rows_; }
    [[nodiscard]] std::vector<std::string> take() { return std::move(differences_); }

private:
    void check_structure();
    void check_rows(const std::vector<Object>& rows);
    void check_totals();
    void check_order();
    void differs(std::string line);

    Store* store_;
    Audit audit_;
    std::uint64_t rows_ = 0;
    bool structure_checked_ = false;
    std::vector<std::string> differences_;
};

} // namespace cachefiles::index
