// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/mount_text.hpp"

namespace cachefiles {
namespace {

bool is_octal(char digit) {
    return digit >= '0' && digit <= '7';
}

} // namespace

std::string mount_text(std::string_view field) {
    std::string result;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 3 < field.size() && is_octal(field[i + 1]) &&
            is_octal(field[i + 2]) && is_octal(field[i + 3])) {
            result += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                                        (field[i + 3] - '0'));
            i += 3;
        } else {
            result += field[i];
        }
    }
    return result;
}

} // namespace cachefiles
