// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/yaml_source.hpp"
#include "tests/fuzz/config_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    cachefiles::tests::check_config(cachefiles::daemon::read_yaml(text, "input"));
    return 0;
}
