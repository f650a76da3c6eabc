// SPDX-License-Identifier: GPL-2.0-or-later
// The input is a directory name, and also a volume's key.
#include "protocol/fanout_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/volume_name.hpp"
#include "tests/fuzz/require.hpp"

using namespace cachefiles::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    const std::optional<std::string> key = decode_volume_name(input);
    const std::optional<std::uint8_t> fanout = parse_fanout_name(input);
    require(!key || !fanout);
    if (key)
        require(encode_volume_name(*key) == input);
    if (fanout)
        require(format_fanout_name(*fanout) == input);
    const std::expected<std::string, VolumeKeyRefusal> name = encode_volume_name(input);
    if (name) {
        require(name->size() <= 255);
        require(decode_volume_name(*name) == input);
        require(volume_hash(input) == volume_hash(name->substr(1)));
    }
    return 0;
}
