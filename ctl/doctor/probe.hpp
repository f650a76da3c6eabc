// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cachefiles::ctl::doctor {

/// What a file system can do, as far as it could be tried in a directory of it.
struct Features {
    enum class Answer { yes, no, unknown };
    std::string directory;
    int error = 0; ///< errno: why nothing could be tried; 0: it could
    Answer tmpfile = Answer::unknown;
    Answer user_xattr = Answer::unknown;
    Answer trusted_xattr = Answer::unknown; ///< unknown without CAP_SYS_ADMIN
    Answer bmap = Answer::unknown;          ///< FIBMAP; unknown without CAP_SYS_RAWIO
    Answer direct_io = Answer::unknown;
    std::uint64_t block_size = 0;
    std::uint64_t page_size = 4096;
    bool read_only = false;
};

/// Tries it with an unnamed file, of which nothing is left.
[[nodiscard]] Features probe(const std::filesystem::path& directory);

} // namespace cachefiles::ctl::doctor
