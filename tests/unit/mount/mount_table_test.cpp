// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount_table.hpp"

#include <doctest/doctest.h>

namespace cachefiles::tests {
namespace {

using mount::find_mount;
using mount::find_mount_at;
using mount::MountEntry;

constexpr std::string_view table =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "36 22 0:45 /sub\\040dir /mnt/a\\040b rw,noatime master:1 propagate_from:2 - nfs4 "
    "server:/export rw,vers=4.2\n"
    "37 22 0:46 / /mnt/x rw - fuse.sshfs me@host:/home rw\n"
    "38 22 0:47 / /mnt/x rw - tmpfs none rw\n"
    "a line that is none\n"
    "39 22 0:48 / /cut rw - ext4\n";

} // namespace

TEST_CASE("mount table: by number, whatever optional fields there are") {
    const std::optional<MountEntry> nfs = find_mount(table, 36);
    REQUIRE(nfs);
    CHECK(nfs->type == "nfs4");
    CHECK(nfs->source == "server:/export");
    CHECK(nfs->root == "/sub dir");
    CHECK(nfs->mount_point == "/mnt/a b");
    CHECK(nfs->device == "0:45");
    CHECK_FALSE(find_mount(table, 99));
    CHECK_FALSE(find_mount(table, 39));
    CHECK_FALSE(find_mount("", 1));
}

TEST_CASE("mount table: what was mounted last is what is there") {
    const std::optional<MountEntry> last = find_mount_at(table, "/mnt/x");
    REQUIRE(last);
    CHECK(last->id == 38);
    CHECK_FALSE(find_mount_at(table, "/mnt"));
}

} // namespace cachefiles::tests
