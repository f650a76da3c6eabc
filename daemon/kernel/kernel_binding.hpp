// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/binding.hpp"
#include "daemon/kernel/device_owner.hpp"
#include "daemon/kernel/kernel_evictor.hpp"

namespace cachefiles::daemon {

/// The driver's bound device. Gives it to the evictor as long as it is bound.
class KernelBinding final : public Binding {
public:
    /// Borrows both.
    KernelBinding(DeviceOwner& owner, KernelEvictor& evictor) : owner_(owner), evictor_(evictor) {}

    void enter_thread() override;
    [[nodiscard]] bool bound() const override { return owner_.device() != nullptr; }
    [[nodiscard]] std::optional<State> look() override;
    [[nodiscard]] bool alive() override { return owner_.device()->alive(); }
    [[nodiscard]] std::string death() const override;
    void close() override;
    void open() override;
    [[nodiscard]] int descriptor() const override { return owner_.device()->descriptor(); }

private:
    DeviceOwner& owner_;
    KernelEvictor& evictor_;
};

} // namespace cachefiles::daemon
