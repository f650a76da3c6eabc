// SPDX-License-Identifier: GPL-2.0-or-later
// The input is what a read() of the device answered.
#include "protocol/state_line.hpp"
#include "tests/fuzz/require.hpp"

using namespace cachefiles::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::optional<StateLine> state = parse_state_line(as_text(data, size));
    if (state) {
        const std::string text = format_state_line(*state);
        require(parse_state_line(text) == state);
        require(text.size() < 256);
    }
    return 0;
}
