// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/binder.hpp"

#include "base/error.hpp"
#include "protocol/command_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <string>

namespace cachefiles::daemon {
namespace {

/// What a refused command most often means; the driver says more in the kernel's log only.
std::string_view bind_advice(int error) {
    switch (error) {
    case EOPNOTSUPP:
        return "the file system lacks what a cache needs: user xattrs, O_TMPFILE, and blocks no "
               "larger than a page (ext4, xfs and btrfs have them; tmpfs and zfs do not)";
    case EBUSY:
        return "a cache of that tag, or that directory, is in use already";
    case EINVAL:
        return "the directory must not be on an idmapped mount";
    case ENOENT:
    case ENOTDIR:
        return "the cache directory must exist, and be no symbolic link";
    case EROFS:
        return "the file system is mounted read-only";
    case ENOBUFS:
        return "the file system is too full (below a stop limit) to make the cache's directories";
    case EIO:
        return "cache or graveyard in the directory is no directory, or the disk fails";
    default:
        return "the kernel's log may say more";
    }
}

std::string_view secctx_advice(int error) {
    return error == EOPNOTSUPP || error == EINVAL || error == ENOENT
               ? "no security module of this kernel knows that context; remove it from the "
                 "configuration unless SELinux is in use"
               : "";
}

void send(Device& device, const std::string& command, std::string_view advice(int)) {
    const int error = device.command(command);
    if (error == 0)
        return;
    std::string text = fmt::format("the driver refuses \"{}\"", command);
    if (advice != nullptr && !advice(error).empty())
        text += fmt::format(" ({})", advice(error));
    throw SystemError(text, error);
}

std::string text_command(protocol::Verb verb, const std::string& argument) {
    const auto command = protocol::format_text(verb, argument);
    if (!command)
        throw SystemError(fmt::format("{} \"{}\": {}", protocol::verb_name(verb), argument,
                                      protocol::refusal_text(command.error())),
                          EINVAL);
    return *command;
}

protocol::Window window(const cull::Watermarks::Window& window) {
    return {window.run, window.cull, window.stop};
}

} // namespace

void bind_cache(Device& device, const CacheSettings& settings, const cull::Watermarks& watermarks) {
    using protocol::Verb;
    const protocol::Limits wanted{window(watermarks.files), window(watermarks.blocks)};
    const auto writes = protocol::limit_writes(protocol::Limits{}, wanted);
    if (!writes)
        throw SystemError("the limits must satisfy stop < cull < run < 100", EINVAL);
    for (const protocol::LimitWrite& write : *writes)
        send(device, protocol::format_limit(write), nullptr);
    if (settings.security_context)
        send(device, text_command(Verb::secctx, *settings.security_context), secctx_advice);
    if (settings.kernel_debug)
        send(device, protocol::format_debug(*settings.kernel_debug), nullptr);
    send(device, text_command(Verb::dir, settings.directory.native()), nullptr);
    send(device, text_command(Verb::tag, settings.tag), nullptr);
    send(device, protocol::format_bind(protocol::BindMode::plain), bind_advice);
}

} // namespace cachefiles::daemon
