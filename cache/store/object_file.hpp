// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/backend.hpp"
#include "cache/store/space_check.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cachefiles::cache::store {

/// Files have whole units of this many bytes (on-disk-format.md section 7), whatever the size of
/// pages and blocks.
inline constexpr std::uint64_t file_unit = 4096;

/// What a file of the kernel can have, in whole units.
inline constexpr std::uint64_t largest_object = (std::uint64_t{1} << 63) - file_unit;

[[nodiscard]] constexpr std::uint64_t file_size_for(std::uint64_t object_size) {
    return (object_size + file_unit - 1) / file_unit * file_unit;
}

/// Whether the format has room for them.
[[nodiscard]] bool is_storable(const Coherency& coherency);

class ObjectFile final : public BackendFile {
public:
    ObjectFile(Fd fd, std::uint64_t object_size, std::shared_ptr<SpaceCheck> space)
        : fd_(std::move(fd)), content_(object_size), space_(std::move(space)) {}

    [[nodiscard]] int descriptor() const override { return fd_.get(); }
    [[nodiscard]] Content& content() override { return content_; }
    [[nodiscard]] std::expected<std::unique_ptr<SpaceHold>, int>
    hold_space(std::uint64_t bytes) override {
        return store::hold_space(space_, bytes);
    }
    void commit_later(std::uint64_t /*first_block*/, std::uint64_t /*count*/) override {}

private:
    Fd fd_;
    Content content_;
    std::shared_ptr<SpaceCheck> space_; ///< the file may outlive the store
};

/// An empty file without a name for an object of that size. `key`: kept with it. Errors: errno.
[[nodiscard]] std::expected<std::shared_ptr<ObjectFile>, int>
make_object_file(int directory, std::uint64_t object_size, const std::optional<std::string>& key,
                 std::shared_ptr<SpaceCheck> space);

/// Gives a file that was found the size it has to have, as the driver does at lookup: a last
/// incomplete unit does not survive growing. 0 or errno.
[[nodiscard]] int adjust_size(int fd, std::uint64_t object_size);

/// Writes the attribute, with the content clean or dirty. 0 or errno.
[[nodiscard]] int write_coherency(int fd, const Coherency& coherency, bool dirty);

/// The last resort for a file that cannot be unlinked: no lookup finds data in it any more, also
/// after a crash. 0 or the errno of the first thing tried.
[[nodiscard]] int make_invalid(int fd);

} // namespace cachefiles::cache::store
