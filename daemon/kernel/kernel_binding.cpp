// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/kernel_binding.hpp"

namespace cachefiles::daemon {

void KernelBinding::enter_thread() {
    KernelEvictor::enter_thread();
    evictor_.use(owner_.device());
}

std::optional<Binding::State> KernelBinding::look() {
    const std::optional<protocol::StateLine> line = owner_.device()->state();
    if (!line)
        return std::nullopt;
    return State{line->culling, line->freleased,
                 cull::SpaceWatch::Thresholds{line->brun, line->bcull, line->bstop, line->frun,
                                              line->fcull, line->fstop}};
}

std::string KernelBinding::death() const {
    return "the driver has given up the cache after an I/O error (the kernel's log says which)";
}

void KernelBinding::close() {
    evictor_.use(nullptr);
    owner_.close();
}

void KernelBinding::open() {
    owner_.open_and_bind();
    evictor_.use(owner_.device());
}

} // namespace cachefiles::daemon
