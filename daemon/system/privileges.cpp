// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/privileges.hpp"

#include "base/error.hpp"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <memory>

namespace cachefiles::daemon {
namespace {

struct FreeCapabilities {
    void operator()(cap_t capabilities) const { cap_free(capabilities); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

constexpr std::array dac{CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE};
constexpr std::array admin{CAP_SYS_ADMIN};

Capabilities current() {
    Capabilities capabilities(cap_get_proc());
    if (!capabilities)
        throw SystemError("cannot read the capabilities");
    return capabilities;
}

bool permitted(const Capabilities& capabilities, cap_value_t capability) {
    cap_flag_value_t value = CAP_CLEAR;
    return cap_get_flag(capabilities.get(), capability, CAP_PERMITTED, &value) == 0 &&
           value == CAP_SET;
}

void set(const Capabilities& capabilities, cap_flag_t flag, cap_value_t capability) {
    cap_set_flag(capabilities.get(), flag, 1, &capability, CAP_SET);
}

/// Leaves nothing to regain by executing a program. Wants CAP_SETPCAP; without it the unit's own
/// bounding set has to do.
void empty_bounding_set() {
    for (cap_value_t capability = 0; cap_get_bound(capability) >= 0; ++capability) {
        if (cap_drop_bound(capability) != 0)
            return;
    }
}

/// Returns what CAP_SYS_ADMIN's effective flag was.
cap_flag_value_t switch_admin(cap_flag_value_t value) noexcept {
    const Capabilities capabilities(cap_get_proc());
    if (!capabilities || !permitted(capabilities, CAP_SYS_ADMIN))
        return value;
    cap_flag_value_t before = CAP_CLEAR;
    cap_get_flag(capabilities.get(), CAP_SYS_ADMIN, CAP_EFFECTIVE, &before);
    cap_set_flag(capabilities.get(), CAP_EFFECTIVE, 1, admin.data(), value);
    cap_set_proc(capabilities.get());
    return before;
}

} // namespace

void drop_privileges(const Privileges& keep) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    empty_bounding_set();
    const Capabilities before = current();
    const Capabilities after(cap_init());
    const auto keep_in_effect = [&](cap_value_t capability) {
        if (!permitted(before, capability))
            return;
        set(after, CAP_PERMITTED, capability);
        set(after, CAP_EFFECTIVE, capability);
    };
    if (keep.dac)
        std::ranges::for_each(dac, keep_in_effect);
    if (keep.ptrace)
        keep_in_effect(CAP_SYS_PTRACE);
    if (keep.admin && permitted(before, CAP_SYS_ADMIN))
        set(after, CAP_PERMITTED, CAP_SYS_ADMIN);
    if (cap_set_proc(after.get()) != 0)
        throw SystemError("cannot drop capabilities");
}

AdminPrivilege::AdminPrivilege() : had_it_(switch_admin(CAP_SET) == CAP_SET) {}

AdminPrivilege::~AdminPrivilege() {
    if (!had_it_)
        switch_admin(CAP_CLEAR);
}

} // namespace cachefiles::daemon
