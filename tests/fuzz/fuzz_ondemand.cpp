// SPDX-License-Identifier: GPL-2.0-or-later
// The input is what a read() of a device bound on demand answered.
#include "protocol/ondemand.hpp"
#include "tests/fuzz/require.hpp"

using namespace cachefiles::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    const std::optional<Message> message = parse_message(input);
    if (message) {
        require(size <= max_message);
        require(format_message(*message) == input);
    }
    return 0;
}
