// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/object_name.hpp"

#include "base/bytes_text.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace cachefiles::ctl {
namespace {

bool is_number(std::string_view text) {
    if (text.starts_with('-')) // numbers in the index have a sign
        text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "@7f"
bool is_fanout(std::string_view text) {
    return text.size() == 3 && text.front() == '@' &&
           text.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

/// Cuts off the last component and returns it.
std::string take_last(std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string last = path.substr(slash == std::string::npos ? 0 : slash + 1);
    path.resize(slash == std::string::npos ? 0 : slash);
    return last;
}

} // namespace

ObjectName read_object_name(const std::string& text) {
    if (is_number(text))
        return {"", "#" + text};
    if (text.starts_with('#') && is_number(std::string_view(text).substr(1)))
        return {"", text};
    std::string path = text;
    const std::string last = take_last(path);
    std::string volume = take_last(path);
    if (is_fanout(volume)) {
        volume = take_last(path);
        if (volume.starts_with('I')) // as the directory is called
            volume.erase(0, 1);
    }
    const std::optional<std::string> name = parse_bytes_text(last);
    if (volume.empty() || !name || name->empty())
        throw Failure(ExitStatus::usage,
                      fmt::format("\"{}\" names no object; give its number, VOLUME/NAME, or a path "
                                  "in the cache",
                                  visible(text)));
    return {volume, *name};
}

} // namespace cachefiles::ctl
