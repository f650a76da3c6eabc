// SPDX-License-Identifier: LGPL-2.1-or-later
#include "protocol/netfs/reader.hpp"

namespace cachefiles::protocol::netfs {

void Reader::number(std::optional<std::uint64_t>& value) {
    std::uint64_t content = 0;
    number(content);
    if (value)
        value = content;
    else
        check(content == 0);
}

void Reader::text(std::string& value, std::size_t least, std::size_t most) {
    std::uint16_t size = 0;
    number(size);
    if (!check(size >= least && size <= most && size <= rest_.size()))
        return;
    value = rest_.substr(0, size);
    rest_.remove_prefix(size);
}

void Reader::text(std::optional<std::string>& value, std::size_t most) {
    std::string content;
    text(content, 0, value ? most : 0);
    if (value)
        value = std::move(content);
}

void Reader::list(std::vector<std::uint32_t>& values, std::size_t most) {
    std::uint32_t count = 0;
    number(count);
    if (!check(count <= most && count * sizeof(std::uint32_t) <= rest_.size()))
        return;
    values.resize(count);
    for (std::uint32_t& value : values)
        number(value);
}

} // namespace cachefiles::protocol::netfs
