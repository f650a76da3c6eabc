// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cachefiles::exerciser {

/// What a file has to contain, and which operation is to be thanked for each byte.
class Model final {
public:
    /// The first byte that is not as it should be.
    struct Difference {
        std::size_t offset;
        std::uint8_t expected, got;
        std::uint32_t changed_by; ///< the operation that wrote it last; 0: none
        std::size_t count;        ///< of the bytes that differ in what was compared
    };

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

    /// Each with the number of the operation. Zeros come between the old end and what lies beyond.
    void write(std::size_t offset, std::span<const std::uint8_t> data, std::uint32_t operation);
    void resize(std::size_t size, std::uint32_t operation);
    /// Of the file as it is: nothing beyond its end.
    void zero(std::size_t offset, std::size_t length, std::uint32_t operation);
    void copy(std::size_t from, std::size_t to, std::size_t length, std::uint32_t operation);

    /// `got` is at `offset`; what is beyond the end has to be zeros.
    [[nodiscard]] std::optional<Difference> compare(std::size_t offset,
                                                    std::span<const std::uint8_t> got) const;

private:
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> changed_by_;
};

} // namespace cachefiles::exerciser
