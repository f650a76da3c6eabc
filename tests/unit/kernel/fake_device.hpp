// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/kernel/device.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cachefiles::tests {

/// Records what it is told and answers what the test says; 0 by default.
class FakeDevice final : public daemon::Device {
public:
    std::vector<std::string> commands;
    std::function<int(const std::string&)> answer = [](const std::string&) {
        return 0;
    };

    [[nodiscard]] int command(std::string_view bytes) override {
        commands.emplace_back(bytes);
        return answer(commands.back());
    }
    [[nodiscard]] std::optional<protocol::StateLine> state() override {
        return protocol::StateLine{};
    }
    [[nodiscard]] int descriptor() const override { return -1; }
};

} // namespace cachefiles::tests
