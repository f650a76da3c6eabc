// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/visible.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace cachefiles::ctl {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

} // namespace

std::string visible(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned char byte = byte_at(text, i);
        // U+0080 to U+009F, which some terminals obey, are c2 80 to c2 9f.
        const bool c1 = byte == 0xc2 && i + 1 < text.size() && byte_at(text, i + 1) < 0xa0;
        if (byte < 0x20 || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else if (c1)
            result += fmt::format("\\x{:02x}", byte_at(text, ++i));
        else
            result += text[i];
    }
    return result;
}

} // namespace cachefiles::ctl
