// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/binding_record.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>

#include <array>

namespace cachefiles::daemon {
namespace {

// Two paths, a tag and a context: none is longer than a command of the driver.
constexpr std::size_t longest_record = std::size_t{4} * 4096;

std::string text(const cull::Watermarks::Window& window) {
    return fmt::format("{} {} {}", window.run, window.cull, window.stop);
}

} // namespace

std::string binding_record(const CacheSettings& settings, const cull::Watermarks& watermarks) {
    const std::string debug = settings.kernel_debug ? fmt::to_string(*settings.kernel_debug) : "";
    return fmt::format("cachefilesd binding 1\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
                       settings.directory.native(), settings.tag,
                       settings.security_context.value_or(""), text(watermarks.blocks),
                       text(watermarks.files), settings.device.native(), debug);
}

Fd make_binding_file(const std::string& record) {
    Fd file(memfd_create("cachefilesd-binding", MFD_CLOEXEC));
    if (!file ||
        pwrite(file.get(), record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()))
        throw SystemError("cannot write the record of the binding");
    return file;
}

std::string read_binding_file(int fd) {
    std::array<char, longest_record> buffer{};
    const ssize_t length = pread(fd, buffer.data(), buffer.size(), 0);
    return length < 0 ? std::string()
                      : std::string(buffer.data(), static_cast<std::size_t>(length));
}

} // namespace cachefiles::daemon
