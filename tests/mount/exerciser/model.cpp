// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/exerciser/model.hpp"

#include <algorithm>

namespace cachefiles::exerciser {

void Model::write(std::size_t offset, std::span<const std::uint8_t> data, std::uint32_t operation) {
    if (offset + data.size() > size())
        resize(offset + data.size(), operation);
    std::ranges::copy(data, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    std::fill_n(changed_by_.begin() + static_cast<std::ptrdiff_t>(offset), data.size(), operation);
}

void Model::resize(std::size_t size, std::uint32_t operation) {
    bytes_.resize(size, 0);
    changed_by_.resize(size, operation);
}

void Model::zero(std::size_t offset, std::size_t length, std::uint32_t operation) {
    if (offset >= size())
        return;
    const std::vector<std::uint8_t> zeros(std::min(length, size() - offset));
    write(offset, zeros, operation);
}

void Model::copy(std::size_t from, std::size_t to, std::size_t length, std::uint32_t operation) {
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(from);
    const std::vector<std::uint8_t> data(begin, begin + static_cast<std::ptrdiff_t>(length));
    write(to, data, operation);
}

std::optional<Model::Difference> Model::compare(std::size_t offset,
                                                std::span<const std::uint8_t> got) const {
    std::optional<Difference> found;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const bool inside = offset + i < size();
        const std::uint8_t expected = inside ? bytes_[offset + i] : 0;
        if (got[i] == expected)
            continue;
        if (!found)
            found =
                Difference{offset + i, expected, got[i], inside ? changed_by_[offset + i] : 0, 0};
        ++found->count;
    }
    return found;
}

} // namespace cachefiles::exerciser
