// SPDX-License-Identifier: GPL-2.0-or-later
// Starts a culler and watches it until it has culled what it was to cull and has come to rest.
// Usage: cull_meter OBJECTS COMMAND ARGUMENT..., OBJECTS being a number that it surely reaches.
// Prints KEY=VALUE lines: times in seconds, from the start, and the processor time by then.
// It leaves the culler running and prints its process id.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr long pause_ns = 5'000'000;
constexpr double rest = 6; // seconds without a cull: longer than what is still due by the second

double seconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The driver's count of culled objects, from /proc/fs/fscache/stats.
class CullCount {
public:
    CullCount() : fd_(open("/proc/fs/fscache/stats", O_RDONLY | O_CLOEXEC)) {
        if (fd_ < 0)
            throw std::runtime_error("no /proc/fs/fscache/stats");
    }
    ~CullCount() { close(fd_); }
    CullCount(const CullCount&) = delete;
    CullCount& operator=(const CullCount&) = delete;

    [[nodiscard]] unsigned long read() const {
        std::array<char, 4096> buffer{};
        const ssize_t length = pread(fd_, buffer.data(), buffer.size() - 1, 0);
        const std::string_view text(buffer.data(),
                                    length > 0 ? static_cast<std::size_t>(length) : 0);
        const std::size_t at = text.find("cull=");
        if (at == std::string_view::npos)
            throw std::runtime_error("no cull= in /proc/fs/fscache/stats");
        return std::strtoul(buffer.data() + at + 5, nullptr, 10);
    }

private:
    int fd_;
};

struct Sample {
    double wall = 0;
    double cpu = 0;
    unsigned long culled = 0;
};

pid_t start(char** command) {
    const pid_t child = fork();
    if (child == 0) {
        execv(command[0], command);
        std::perror(command[0]);
        _exit(127);
    }
    return child;
}

std::string status_field(pid_t process, const std::string& field) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with(field + ":"))
            return std::to_string(std::strtoul(line.c_str() + field.size() + 1, nullptr, 10));
    }
    return "0";
}

void print(const char* what, const Sample& sample) {
    std::printf("%s_wall=%.4f\n%s_cpu=%.5f\n", what, sample.wall, what, sample.cpu);
}

void watch(unsigned long objects, char** command) {
    const CullCount count;
    const unsigned long before = count.read();
    const double began = seconds_of(CLOCK_MONOTONIC);
    const pid_t child = start(command);
    clockid_t clock{};
    clock_getcpuclockid(child, &clock);
    const auto look = [&] {
        return Sample{seconds_of(CLOCK_MONOTONIC) - began, seconds_of(clock),
                      count.read() - before};
    };
    Sample first, last, now;
    do {
        const timespec pause{0, pause_ns};
        nanosleep(&pause, nullptr);
        const Sample earlier = now;
        now = look();
        if (earlier.culled == 0 && now.culled != 0)
            first = earlier;
        if (now.culled != earlier.culled)
            last = now;
        if (waitpid(child, nullptr, WNOHANG) == child)
            throw std::runtime_error("it ended");
    } while (last.culled < objects || now.wall - last.wall < rest);
    print("first", first);
    print("last", last);
    print("rest", now);
    std::printf("culled=%lu\npeak_kib=%s\npid=%d\n", last.culled,
                status_field(child, "VmHWM").c_str(), child);
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc < 3)
            throw std::runtime_error("usage: cull_meter OBJECTS COMMAND ARGUMENT...");
        watch(std::strtoul(argv[1], nullptr, 10), argv + 2);
    } catch (const std::exception& error) {
        std::cerr << "cull_meter: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
