// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <doctest/doctest.h>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace cachefiles::tests {

/// This thread, and those that it makes, in a mount namespace of their own, so that nothing is left
/// mounted. False, with a message, if that or FUSE is not to be had here.
inline bool in_own_mount_namespace() {
    static const char* const why_not = [] {
        if (access("/dev/fuse", R_OK | W_OK) != 0)
            return "no /dev/fuse";
        if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0)
            return "no mount namespaces";
        return "";
    }();
    if (*why_not != '\0')
        MESSAGE("skipped: ", why_not);
    return *why_not == '\0';
}

} // namespace cachefiles::tests

/// At the start of a test.
#define NEED_A_FUSE_MOUNT()                                                                        \
    if (!cachefiles::tests::in_own_mount_namespace())                                              \
    return
