// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/options.hpp"

#include "base/bytes_text.hpp"
#include "daemon/bus/errors.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon::bus {

template<typename T>
std::optional<T> Options::take(const std::string& key) {
    const auto found = values_.find(key);
    if (found == values_.end())
        return std::nullopt;
    const std::string wanted = sdbus::signature_of<T>::str();
    const std::string given = found->second.peekValueType();
    if (given != wanted)
        throw invalid_arguments(
            fmt::format("option {}: its type is {}, not {}", key, wanted, given));
    T value = found->second.get<T>();
    values_.erase(found);
    return value;
}

std::optional<std::uint64_t> Options::number(const std::string& key) {
    return take<std::uint64_t>(key);
}

bool Options::flag(const std::string& key) {
    return take<bool>(key).value_or(false);
}

std::optional<std::string> Options::text(const std::string& key) {
    return take<std::string>(key);
}

void Options::end() const {
    if (!values_.empty())
        throw invalid_arguments(
            fmt::format("option {}: there is none of this name", values_.begin()->first));
}

std::optional<std::string> volume_key(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    std::optional<std::string> key = parse_bytes_text(text);
    if (!key)
        throw invalid_arguments("volume: a backslash begins \\\\ or \\xHH");
    return key;
}

} // namespace cachefiles::daemon::bus
