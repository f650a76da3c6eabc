// SPDX-License-Identifier: GPL-2.0-or-later
/// What somebody else does to the cache's directory meanwhile.
#include "base/fd.hpp"
#include "tests/conformance/runner/player.hpp"
#include "tests/conformance/runner/text.hpp"
#include "tests/conformance/runner/tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

namespace cachefiles::conformance {

namespace {

constexpr char attribute_name[] = "user.CacheFiles.cache";

Reply result(int returned) {
    return returned < 0 ? errno_name(errno) : "ok";
}

/// "file PATH [BYTES]": made, or made anew.
Reply make_file(const std::filesystem::path& path, const std::string& bytes) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file)
        return errno_name(errno);
    return ::write(file.get(), bytes.data(), bytes.size()) < 0 ? errno_name(errno) : "ok";
}

} // namespace

Reply Player::host(const Words& words) {
    const std::string& verb = words.at(1);
    const std::filesystem::path where = path(words.at(2));
    const auto argument = [&] {
        return bytes(words.at(3));
    };
    if (verb == "mkdir")
        return result(::mkdir(where.c_str(), 0700));
    if (verb == "rmdir")
        return result(::rmdir(where.c_str()));
    if (verb == "file")
        return make_file(where, words.size() > 3 ? argument() : "");
    if (verb == "fifo")
        return result(::mkfifo(where.c_str(), 0600));
    if (verb == "symlink")
        return result(::symlink(argument().c_str(), where.c_str()));
    if (verb == "unlink")
        return result(::unlink(where.c_str()));
    if (verb == "rename")
        return result(::rename(where.c_str(), path(words.at(3)).c_str()));
    if (verb == "truncate")
        return result(::truncate(where.c_str(), static_cast<off_t>(parse_number(words.at(3)))));
    if (verb == "setxattr") {
        const std::string value = argument();
        return result(::lsetxattr(where.c_str(), attribute_name, value.data(), value.size(), 0));
    }
    if (verb == "rmxattr")
        return result(::lremovexattr(where.c_str(), attribute_name));
    if (verb == "data")
        return describe_data(where);
    if (verb == "exists")
        return result(::access(where.c_str(), F_OK));
    throw ScriptError("there is nothing like host " + verb);
}

} // namespace cachefiles::conformance
