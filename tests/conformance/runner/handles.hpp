// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace cachefiles::conformance {

/// What a case calls its volumes, its cookies or its operations, with the number by which the
/// target knows each, and the number that the lists show.
class Handles final {
public:
    /// The number of a name; a new name gets the next one.
    [[nodiscard]] std::string number(const std::string& name) {
        const auto [place, is_new] = numbers_.try_emplace(name, next_);
        if (is_new)
            ++next_;
        return std::to_string(place->second);
    }
    /// A name that is acquired anew: another number, for the old one may still be held.
    void renew(const std::string& name) { numbers_[name] = next_++; }
    void shown_as(std::uint32_t id, const std::string& name) { shown_[id] = name; }
    [[nodiscard]] std::optional<std::string> name_of(std::uint32_t id) const {
        const auto place = shown_.find(id);
        return place == shown_.end() ? std::nullopt : std::optional(place->second);
    }

private:
    unsigned next_ = 0;
    std::map<std::string, unsigned> numbers_;
    std::map<std::uint32_t, std::string> shown_;
};

} // namespace cachefiles::conformance
