// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/device_file.hpp"

#include "base/error.hpp"
#include "daemon/system/privileges.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <fstream>

namespace cachefiles::daemon {
namespace {

// The driver's line is shorter than 256 bytes, and a read into a shorter buffer loses the
// counters of released objects (command-protocol section 5).
constexpr std::size_t state_buffer = 512;

std::string advice(const std::filesystem::path& path, int error) {
    switch (error) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return " (is the kernel module loaded? modprobe cachefiles)";
    case EPERM:
    case EACCES:
        return " (only root with CAP_SYS_ADMIN in the initial user namespace may)";
    case EBUSY: {
        const std::string holders = holders_of(path);
        return holders.empty()
                   ? " (a cache is still being withdrawn, or a service manager keeps it)"
                   : " (held by " + holders + ")";
    }
    default:
        return "";
    }
}

bool is_process(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool has_open(const std::filesystem::path& process, dev_t device) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(process / "fd", error)) {
        struct stat status{};
        if (::stat(entry.path().c_str(), &status) == 0 && S_ISCHR(status.st_mode) &&
            status.st_rdev == device)
            return true;
    }
    return false;
}

} // namespace

bool Device::alive() {
    // A dead cache refuses even the empty write with EIO; a living one does not know the empty
    // command. Neither changes anything (command-protocol section 2).
    return command({}) != EIO;
}

DeviceFile DeviceFile::open(const std::filesystem::path& path) {
    const AdminPrivilege privilege;
    Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) {
        const int error = errno;
        throw SystemError(fmt::format("cannot open {}{}", path.native(), advice(path, error)),
                          error);
    }
    return DeviceFile(std::move(fd));
}

int DeviceFile::command(std::string_view bytes) {
    while (true) {
        if (::write(fd_.get(), bytes.data(), bytes.size()) >= 0)
            return 0;
        if (errno != EINTR)
            return errno;
    }
}

std::optional<protocol::StateLine> DeviceFile::state() {
    std::array<char, state_buffer> buffer{};
    const ssize_t length = ::read(fd_.get(), buffer.data(), buffer.size());
    if (length <= 0)
        return std::nullopt;
    return protocol::parse_state_line({buffer.data(), static_cast<std::size_t>(length)});
}

std::string holders_of(const std::filesystem::path& path) {
    struct stat device{};
    if (::stat(path.c_str(), &device) != 0 || !S_ISCHR(device.st_mode))
        return {};
    std::string holders;
    std::error_code error;
    for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
        if (!is_process(process.path().filename()) || !has_open(process.path(), device.st_rdev))
            continue;
        std::string name;
        std::getline(std::ifstream(process.path() / "comm"), name);
        holders += fmt::format("{}{} (process {})", holders.empty() ? "" : ", ", name,
                               process.path().filename().native());
    }
    return holders;
}

} // namespace cachefiles::daemon
