// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "tests/campaign/random.hpp"
#include "tests/mount/exerciser/model.hpp"
#include "tests/mount/exerciser/operation_log.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::exerciser {

/// The file is not what it has to be. The text says all that is known.
class Mismatch final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file, by everything that can be done to one, and the model that it is compared with.
class Exercise final {
public:
    struct Options {
        std::filesystem::path path; ///< made anew
        std::filesystem::path twin; ///< the same file, by a way that may see changes later
        std::uint64_t seed = 1;
        std::size_t largest = 1 << 20;              ///< size of the file, bytes
        std::size_t longest = 128 << 10;            ///< of one operation, bytes
        std::chrono::milliseconds rest{0};          ///< now and then nothing happens; 0: never
        std::set<std::string, std::less<>> without; ///< kinds of operations
    };

    /// SystemError: the file cannot be made.
    explicit Exercise(Options options);

    /// The names that `without` may have.
    [[nodiscard]] static std::vector<std::string_view> kinds();

    /// One operation. Mismatch; SystemError if the system refuses what it may not refuse.
    void step();
    /// One that only looks.
    void look();
    /// All of the file, and of its twin; closes it before, and opens it again.
    void finish();
    /// Changes a byte so that only the model does not know.
    void corrupt();

    /// How many operations of each kind were done, and what is not supported here.
    [[nodiscard]] std::string summary() const;

private:
    struct Kind {
        std::string_view name;
        unsigned weight;
        void (Exercise::*run)();
    };
    struct Range {
        std::size_t offset, length;
        [[nodiscard]] std::size_t end() const { return offset + length; }
    };
    static const std::array<Kind, 14> all_kinds;

    void run(const Kind& kind);
    void read();
    void write();
    void append();
    void truncate();
    void read_mapped();
    void write_mapped();
    void sync();
    void drop();
    void reopen();
    void rest();
    void punch();
    void zero();
    void allocate();
    void copy();

    [[nodiscard]] Range range_below(std::size_t limit);
    [[nodiscard]] std::span<const std::uint8_t> fresh_data(std::size_t length);
    /// False: the system does not know this call for this file, and is not asked again.
    [[nodiscard]] bool supported(long result, std::string_view what);
    void change_space(int mode, const Range& range, std::string_view what);
    void drop_pages();
    void check_size();
    void check(std::string_view what, std::size_t offset, std::span<const std::uint8_t> got) const;
    void check_all(std::string_view what, const std::filesystem::path& path) const;
    void check_twin() const;
    [[noreturn]] void fail(const std::string& text) const;

    Options options_;
    campaign::Random random_;
    OperationLog log_;
    Model model_;
    Fd file_;
    std::vector<std::uint8_t> data_;
    const Kind* current_ = nullptr;
    std::set<std::string, std::less<>> unsupported_;
    std::array<std::uint64_t, 14> done_{};
};

} // namespace cachefiles::exerciser
