// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/file_system_probe.hpp"

#include "base/error.hpp"
#include "cache/store/calls.hpp"
#include "protocol/xattr.hpp"

#include <fmt/format.h>

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace cachefiles::cache::store {
namespace {

class Probe final {
public:
    Probe(const std::filesystem::path& root, int cache, int graveyard)
        : root_(root), cache_(cache), graveyard_(graveyard),
          name_(fmt::format("probe-{}", getpid())) {}

    void run() {
        struct statvfs status{};
        check(fstatvfs(cache_, &status) == 0, "statfs");
        const Fd file = calls::open_tmpfile(cache_);
        if (!check(static_cast<bool>(file), "O_TMPFILE"))
            return;
        const std::string longest(protocol::object_xattr_header + protocol::max_coherency_data,
                                  'x');
        check(calls::set_xattr(file.get(), protocol::xattr_name, longest) == 0,
              "extended attributes of users (user.*)");
        if (!check(calls::link_file(file.get(), graveyard_, name_) == 0,
                   "linkat of an unnamed file (AT_EMPTY_PATH, /proc/self/fd)"))
            return;
        const std::string moved = name_ + "-moved";
        // From one directory to the other: they could be subvolumes or have quotas of their own.
        const bool renamed = calls::rename_entry(graveyard_, name_, cache_, moved, 0) == 0 &&
                             calls::rename_entry(cache_, moved, graveyard_, moved, 0) == 0;
        const int error = errno;
        unlinkat(graveyard_, name_.c_str(), 0);
        unlinkat(cache_, moved.c_str(), 0);
        unlinkat(graveyard_, moved.c_str(), 0);
        errno = error;
        check(renamed, "rename between cache/ and graveyard/");
    }

private:
    /// False if it could not be tried.
    bool check(bool works, const char* feature) const {
        if (works)
            return true;
        if (errno == ENOSPC || errno == EDQUOT)
            return false;
        throw SystemError(fmt::format("{}: the file system cannot do {}", root_.native(), feature));
    }

    const std::filesystem::path& root_;
    int cache_;
    int graveyard_;
    std::string name_;
};

} // namespace

void probe_file_system(const std::filesystem::path& root, int cache, int graveyard) {
    Probe(root, cache, graveyard).run();
}

} // namespace cachefiles::cache::store
