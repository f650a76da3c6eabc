// SPDX-License-Identifier: GPL-2.0-or-later
// The input is the value of an extended attribute, of an object and of a volume.
#include "protocol/xattr.hpp"
#include "tests/fuzz/require.hpp"

using namespace cachefiles::protocol;

namespace {

void check_object(std::string_view value) {
    const std::optional<ObjectXattr> xattr = parse_object_xattr(value);
    const Coherency form = inspect_object_xattr(value, std::nullopt);
    if (!xattr) {
        require(form != Coherency::valid);
        require(check_object_xattr(value, "", 0) != Coherency::valid);
        return;
    }
    require(format_object_xattr(*xattr) == value);
    // With its own aux and size, all that matters is the form.
    require(check_object_xattr(value, xattr->aux, xattr->object_size) == form);
    require(inspect_object_xattr(value, xattr->aux.size()) == form);
    require(check_object_xattr(value, xattr->aux + 'x', xattr->object_size) == Coherency::stale);
    require(check_object_xattr(value, xattr->aux, ~xattr->object_size) == Coherency::stale);
    if (!xattr->aux.empty())
        require(check_object_xattr(value, "", xattr->object_size) == Coherency::refused);
}

void check_volume(std::string_view value) {
    const std::optional<std::string> coherency = parse_volume_xattr(value);
    const Coherency form = inspect_volume_xattr(value, std::nullopt);
    require(coherency.has_value() == (form == Coherency::valid));
    if (!coherency)
        return;
    require(format_volume_xattr(*coherency) == value);
    require(check_volume_xattr(value, *coherency) == Coherency::valid);
    require(check_volume_xattr(value, *coherency + 'x') == Coherency::stale);
    if (!coherency->empty())
        require(check_volume_xattr(value, "") == Coherency::refused);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    check_object(input);
    check_volume(input);
    static_cast<void>(expected_aux_length(input));
    return 0;
}
