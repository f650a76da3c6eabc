// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/text.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace cachefiles::daemon::bus {

/// The `a{sv}` of a caller. Each member takes an option out; errors: sdbus::Error (InvalidArgs),
/// which names the key.
class Options final {
public:
    explicit Options(Dictionary values) : values_(std::move(values)) {}

    [[nodiscard]] std::optional<std::uint64_t> number(const std::string& key);
    [[nodiscard]] bool flag(const std::string& key);
    [[nodiscard]] std::optional<std::string> text(const std::string& key);
    /// What is left over is unknown.
    void end() const;

private:
    template<typename T>
    [[nodiscard]] std::optional<T> take(const std::string& key);

    Dictionary values_;
};

/// A volume's key in its escaped form; nothing for the empty one.
[[nodiscard]] std::optional<std::string> volume_key(const std::string& text);

} // namespace cachefiles::daemon::bus
