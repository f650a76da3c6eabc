// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/doctor/machine.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl::doctor {

/// cachefilesd.service as systemd has it: the file that counts, then its drop-ins.
class UnitFile final {
public:
    /// Nothing if there is none, or if it is masked.
    [[nodiscard]] static std::optional<UnitFile> of(const Machine& machine);

    /// The words of a setting, such as ReadWritePaths=: of a list all since the last empty one.
    [[nodiscard]] std::vector<std::string> words(std::string_view setting) const;
    /// The last of them, as where only one counts; empty if there is none.
    [[nodiscard]] std::string value(std::string_view setting) const;

private:
    void take(const std::string& text);

    std::map<std::string, std::vector<std::string>, std::less<>> settings_;
};

/// The file that counts, without its drop-ins; nothing if there is none.
[[nodiscard]] std::optional<std::filesystem::path> unit_file(const Machine& machine);

} // namespace cachefiles::ctl::doctor
