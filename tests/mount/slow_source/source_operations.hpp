// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/user/fuse.hpp"
#include "tests/mount/slow_source/network.hpp"
#include "tests/mount/slow_source/nodes.hpp"

#include <string>

namespace cachefiles::slow_source {

/// A FUSE session's user data. Each operation passes the network, and is then done on the files.
struct Source {
    Nodes nodes;
    Network network;
    bool direct; ///< the kernel is to cache no data at all; then nothing can be mapped shared
};

/// Reading, and what concerns names and attributes.
[[nodiscard]] fuse_lowlevel_ops source_operations();
/// Adds what changes files to them: on a mount that is read-only the kernel never asks for it.
void add_changes(fuse_lowlevel_ops& operations);

/// The session's source.
[[nodiscard]] inline Source& source_of(fuse_req_t request) {
    return *static_cast<Source*>(fuse_req_userdata(request));
}
/// False: it was answered with an error.
[[nodiscard]] inline bool passes(fuse_req_t request, Operation operation) {
    const int error = source_of(request).network.pass(request, operation);
    if (error != 0)
        fuse_reply_err(request, error);
    return error == 0;
}
/// Of `result`, as most calls of the system have it: 0, or -1 and errno.
void reply_result(fuse_req_t request, int result);
void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name);
void reply_opened(fuse_req_t request, int fd, fuse_file_info& file, const fuse_entry_param* entry);
/// The calls that do not take an O_PATH descriptor take this path.
[[nodiscard]] std::string path_of(fuse_req_t request, fuse_ino_t inode);
[[nodiscard]] inline int descriptor(fuse_req_t request, fuse_ino_t inode) {
    return source_of(request).nodes.descriptor(inode);
}
[[nodiscard]] inline int opened(const fuse_file_info* file) {
    return static_cast<int>(file->fh);
}

} // namespace cachefiles::slow_source
