// SPDX-License-Identifier: GPL-2.0-or-later
// The input is one of the files in /proc/fs/fscache.
#include "protocol/cookie_list.hpp"
#include "tests/fuzz/require.hpp"

using namespace cachefiles::protocol;

namespace {

template<class Entry>
void check(const std::vector<Entry>& entries, std::vector<Entry> (*parse)(std::string_view)) {
    std::string text;
    for (const Entry& entry : entries)
        text += format_line(entry);
    require(parse(text) == entries);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    check(parse_cookies(input), parse_cookies);
    check(parse_volumes(input), parse_volumes);
    check(parse_caches(input), parse_caches);
    return 0;
}
