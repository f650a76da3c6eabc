// SPDX-License-Identifier: GPL-2.0-or-later
// The input is a file name, and also a cookie's key.
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>

using namespace cachefiles::protocol;

namespace {

void check_name(std::string_view name) {
    const std::vector<std::string> keys = decode_object_name(name);
    require(keys.size() <= 4);
    require(is_object_name(name) == !keys.empty());
    require(object_fanout(1, name).has_value() == !keys.empty());
    for (const std::string& key : keys) {
        require(encode_object_name(key) == name);
        require(fanout_of(cookie_hash(1, key)) == object_fanout(1, name));
    }
}

void check_key(std::string_view key) {
    const std::expected<std::string, CookieKeyRefusal> name = encode_object_name(key);
    if (!name) {
        require(key.empty() || key.size() > 189);
        return;
    }
    require(name->size() <= max_file_name && name->find('/') == std::string::npos);
    const std::vector<std::string> keys = decode_object_name(*name);
    require(std::find(keys.begin(), keys.end(), key) != keys.end());
    check_name(*name);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_name(as_text(data, size));
    check_key(as_text(data, size));
    return 0;
}
