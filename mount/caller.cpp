// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/caller.hpp"

#include <sys/capability.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include <memory>

namespace cachefiles::mount {
namespace {

/// The kernel takes these away with the file system uid (capabilities(7)); what root may do to the
/// source's files is still wanted. A failure leaves the caller's rights, which are fewer.
void raise_file_capabilities() {
    const std::unique_ptr<void, int (*)(void*)> state(cap_get_proc(), cap_free);
    if (state == nullptr)
        return;
    constexpr cap_value_t wanted[] = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER};
    auto* const capabilities = static_cast<cap_t>(state.get());
    if (cap_set_flag(capabilities, CAP_EFFECTIVE, 3, wanted, CAP_SET) == 0)
        static_cast<void>(cap_set_proc(capabilities));
}

} // namespace

ActAs::ActAs(uid_t user, gid_t group) {
    if (geteuid() != 0 || (user == 0 && group == 0))
        return;
    switched_ = true;
    setfsgid(group);
    setfsuid(user);
    raise_file_capabilities();
}

ActAs::~ActAs() {
    if (!switched_)
        return;
    setfsuid(0); // the kernel gives the capabilities back
    setfsgid(0);
}

} // namespace cachefiles::mount
