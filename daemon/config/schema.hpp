// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Every key that there is. Loading, dumping, comparing and the shipped file all follow from it.
namespace cachefiles::daemon {

/// When a changed value counts, if the daemon is told to reload.
enum class Effect {
    at_once,
    watermark, ///< at once in the user backend; the driver computes its own at bind
    rebind,    ///< at the next bind, which the next start makes if such a value has changed
    restart,
};

/// A key with one value: SECTION.NAME.
struct Key {
    std::string_view path;
    std::string_view grammar; ///< what a value looks like: "PERCENT"
    std::string_view doc;     ///< one line
    Effect effect = Effect::restart;
    bool optional = false; ///< "none" is a value
    /// Sets the value, or returns the rule that the text breaks.
    std::optional<std::string> (*set)(Config& config, std::string_view text);
    /// The value as set() takes it.
    std::string (*get)(const Config& config);

    [[nodiscard]] std::string_view section() const { return path.substr(0, path.find('.')); }
    [[nodiscard]] std::string_view name() const { return path.substr(path.find('.') + 1); }
};

/// A key of one item of `volumes`.
struct VolumeKey {
    std::string_view name;
    std::string_view grammar;
    std::string_view doc;
    bool optional = false;
    std::optional<std::string> (*set)(cull::VolumeRule& rule, std::string_view text);
    std::string (*get)(const cull::VolumeRule& rule);
};

/// In the order of the shipped file; those of a section stand together.
[[nodiscard]] std::span<const Key> keys();
[[nodiscard]] std::span<const VolumeKey> volume_keys();

/// The key of that path, or nullptr.
[[nodiscard]] const Key* find_key(std::string_view path);
[[nodiscard]] const VolumeKey* find_volume_key(std::string_view name);
[[nodiscard]] bool is_section(std::string_view name);

} // namespace cachefiles::daemon
