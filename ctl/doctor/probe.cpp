// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/probe.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

namespace cachefiles::ctl::doctor {
namespace {

using Answer = Features::Answer;

/// Of an errno, whether it says that there is no such thing, or something else.
Answer no_or_unknown(int error) {
    return error == EOPNOTSUPP || error == ENOTTY || error == EINVAL || error == EISDIR
               ? Answer::no
               : Answer::unknown;
}

Answer answer_of(bool works) {
    return works ? Answer::yes : no_or_unknown(errno);
}

void probe_file(Features& features, int file) {
    features.user_xattr = answer_of(fsetxattr(file, "user.CacheFiles.probe", "x", 1, 0) == 0);
    features.trusted_xattr = answer_of(fsetxattr(file, "trusted.CacheFiles.probe", "x", 1, 0) == 0);
    int block = 0;
    features.bmap = answer_of(ioctl(file, FIBMAP, &block) == 0);
    features.direct_io = answer_of(fcntl(file, F_SETFL, O_DIRECT) == 0);
}

} // namespace

Features probe(const std::filesystem::path& directory) {
    Features features;
    features.directory = directory.string();
    features.page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    struct statvfs status{};
    if (statvfs(directory.c_str(), &status) != 0) {
        features.error = errno;
        return features;
    }
    features.block_size = status.f_bsize;
    features.read_only = (status.f_flag & ST_RDONLY) != 0;
    if (features.read_only)
        return features;
    const Fd file(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    features.tmpfile = answer_of(static_cast<bool>(file));
    if (!file && features.tmpfile == Answer::unknown)
        features.error = errno;
    if (file)
        probe_file(features, file.get());
    return features;
}

} // namespace cachefiles::ctl::doctor
