// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/attributes.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace cachefiles::mount {

/// The tree that is shown, and what its files are called in the cache. Any thread.
class Source final {
public:
    /// Opens it: what is mounted over it later does not matter. Errors: SystemError.
    explicit Source(const std::string& path);

    [[nodiscard]] int root() const { return root_.get(); }
    [[nodiscard]] const Attributes& root_attributes() const { return root_attributes_; }
    /// Without symbolic links.
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string type() const { return type_; }

    /// What is mounted, and which part of it: "mount,TYPE,SOURCE,PATH". It is the same after the
    /// source has been mounted again, which device numbers are not.
    [[nodiscard]] const std::string& volume_key() const { return volume_key_; }

    struct CookieKey {
        std::string text;
        bool of_handle = false; ///< the file's for ever
    };
    /// Of a file, by its handle (name_to_handle_at(2)): inode and generation, whatever its name
    /// is. Where file systems have none, or one of this mount only (FUSE), by its path below the
    /// root. `file`: gives it, O_PATH or not, or an errno; called only if that is needed.
    [[nodiscard]] CookieKey cookie_key(const std::function<std::expected<int, int>()>& file,
                                       const Attributes& attributes, std::string_view path);

private:
    [[nodiscard]] std::string make_volume_key(std::uint64_t mount_id);

    Fd root_;
    std::string path_;
    std::string type_;
    std::string volume_key_;
    Attributes root_attributes_{};
    bool stable_inodes_ = false; ///< they stay, also while nobody has a file open
};

/// A text of any length as a key of at most 255 bytes: itself, or a hash of it and its end.
[[nodiscard]] std::string short_key(std::string_view text);

} // namespace cachefiles::mount
