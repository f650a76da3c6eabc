// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/kernel_target.hpp"

#include "base/error.hpp"
#include "tests/conformance/runner/device_call.hpp"
#include "tests/conformance/runner/text.hpp"
#include "tests/conformance/runner/thread_request.hpp"

#include <fmt/ranges.h>

#include <fcntl.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace cachefiles::conformance {

namespace {

constexpr char module_path[] = "/dev/cachefiles_conformance";
constexpr char device_path[] = "/dev/cachefiles";

Fd open_module() {
    Fd fd(::open(module_path, O_RDWR | O_CLOEXEC));
    if (!fd)
        throw SystemError(std::string("open ") + module_path);
    return fd;
}

Reply ask_module(int module, const Words& request) {
    const std::string line = fmt::format("{}", fmt::join(request, " "));
    if (::write(module, line.data(), line.size()) < 0)
        throw SystemError("write " + line);
    std::array<char, 4096> buffer{};
    const ssize_t length = ::read(module, buffer.data(), buffer.size());
    if (length < 0)
        throw SystemError("read the reply to " + line);
    const std::string reply(buffer.data(), static_cast<std::size_t>(length));
    if (reply.starts_with("error "))
        return errno_name(static_cast<int>(parse_number(reply.substr(6))));
    return reply;
}

std::string slurp(const std::string& path) {
    const std::ifstream file(path);
    if (!file)
        throw SystemError("open " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace

KernelTarget::KernelTarget() : module_(open_module()) {}

Reply KernelTarget::execute(const Words& request) {
    return request[0] == "device" ? device(request) : ask_module(module_.get(), request);
}

Reply KernelTarget::device(const Words& request) {
    return device_call(device_, device_path, request);
}

std::unique_ptr<Pending> KernelTarget::start(const Words& request) {
    if (request[0] == "device")
        return std::make_unique<ThreadRequest>([this, request] { return device(request); });
    return std::make_unique<ThreadRequest>([request] {
        const Fd module = open_module(); // a reply belongs to an open file
        return ask_module(module.get(), request);
    });
}

void KernelTarget::settle() {
    static_cast<void>(ask_module(module_.get(), {"settle"}));
}

void KernelTarget::wait_for_lru() {
    while (stats().at("LRU.n") != 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    settle();
}

std::vector<protocol::CacheEntry> KernelTarget::caches() {
    return protocol::parse_caches(slurp("/proc/fs/fscache/caches"));
}

std::vector<protocol::VolumeEntry> KernelTarget::volumes() {
    return protocol::parse_volumes(slurp("/proc/fs/fscache/volumes"));
}

std::vector<protocol::CookieEntry> KernelTarget::cookies() {
    return protocol::parse_cookies(slurp("/proc/fs/fscache/cookies"));
}

/// "Acquire: n=1 ok=1 oom=0"; lines of the read helper have the same form, and are of no interest.
Stats KernelTarget::stats() {
    Stats stats;
    std::istringstream text(slurp("/proc/fs/fscache/stats"));
    std::string line;
    while (std::getline(text, line)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos)
            continue;
        const std::string label = line.substr(0, line.find_first_of(" :"));
        std::istringstream fields(line.substr(colon + 1));
        std::string field;
        while (fields >> field) {
            const std::size_t equals = field.find('=');
            if (equals != std::string::npos)
                stats.try_emplace(label + "." + field.substr(0, equals),
                                  std::strtoull(field.c_str() + equals + 1, nullptr, 10));
        }
    }
    return stats;
}

} // namespace cachefiles::conformance
