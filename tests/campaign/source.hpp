// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cachefiles::campaign {

inline constexpr std::uint64_t block_size = 256 << 10; ///< a bit of a content map

/// What is different from one campaign to the next; the same everywhere within one.
struct SourceOptions {
    std::uint64_t seed = 1;
    std::uint32_t files = 200;
    std::uint64_t largest = 8 << 20; ///< bytes; sizes go from 1 byte to this, small ones more often
};

/// One file of the source that is cached: every byte of every version it ever has or will have,
/// computed from the seed, so that what a cache serves can be judged without knowing what happened
/// before. A version is made from the one before it, by being written anew, changed in a range, or
/// given another size. Version 0 is written anew.
///
/// Any thread: nothing changes.
class Source final {
public:
    static constexpr std::size_t page_size = 4096;
    static constexpr std::uint32_t volumes = 4;

    Source(const SourceOptions& options, std::uint32_t number);

    [[nodiscard]] std::uint32_t number() const { return number_; }
    [[nodiscard]] std::uint32_t volume() const { return number_ % volumes; }
    /// Some can be read, some not, some are too long for the driver (object_name.hpp).
    [[nodiscard]] const std::string& key() const { return key_; }

    // --- versions ---
    enum class Change { rewrite, modify, resize };
    struct Step {
        Change change = Change::rewrite;
        std::uint64_t start = 0; ///< bytes; of what is new in this version
        std::uint64_t end = 0;
    };
    /// How a version is made from the one before.
    [[nodiscard]] Step step(std::uint32_t version) const;
    [[nodiscard]] std::uint64_t size(std::uint32_t version) const;
    /// Differs between any two versions, and between files.
    [[nodiscard]] std::string aux(std::uint32_t version) const;
    /// The version whose coherency data this is; nothing if it is of no version of this file.
    [[nodiscard]] std::optional<std::uint32_t> version_of(const std::string& aux) const;

    // --- data ---
    /// Fills `buffer` with what the version has from `start` on. Bytes: fewer at its end.
    std::size_t read(std::uint32_t version, std::uint64_t start, std::span<std::byte> buffer) const;
    /// Whether that is what the version has there, and not beyond its end.
    [[nodiscard]] bool matches(std::uint32_t version, std::uint64_t start,
                               std::span<const std::byte> data) const;
    /// What such data is, for people: zeros, another version, another file...
    [[nodiscard]] std::string explain(std::uint32_t version, std::uint64_t start,
                                      std::span<const std::byte> data) const;

private:
    /// Bytes that were written last by one version.
    struct Piece {
        std::uint64_t start = 0;
        std::uint64_t end = 0;
        std::uint32_t version = 0;
    };

    [[nodiscard]] std::uint64_t mix(std::uint64_t a, std::uint64_t b) const;
    [[nodiscard]] Change change(std::uint32_t version) const;
    [[nodiscard]] std::uint64_t chosen_size(std::uint32_t version) const;
    [[nodiscard]] std::uint32_t last_rewrite(std::uint32_t version) const;
    [[nodiscard]] std::vector<Piece> pieces(std::uint32_t version) const;
    void fill(std::uint32_t writer, std::uint64_t start, std::span<std::byte> buffer) const;

    SourceOptions options_;
    std::uint32_t number_;
    std::string key_;
};

/// The key of a volume: 0 to Source::volumes - 1.
[[nodiscard]] std::string volume_key(std::uint32_t volume);

} // namespace cachefiles::campaign
