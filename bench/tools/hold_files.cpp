// SPDX-License-Identifier: GPL-2.0-or-later
// Reads all files of a directory and keeps them open; then closes one each second.
// Usage: hold_files DIRECTORY READY_FILE, where READY_FILE is made once all are open.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <vector>

namespace {

void allow_many_files() {
    rlimit limit{1 << 20, 1 << 20};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        throw std::runtime_error("setrlimit");
}

int open_and_read(const std::filesystem::path& path) {
    static std::array<char, 1 << 16> buffer;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        throw std::runtime_error("cannot open " + path.string());
    while (read(fd, buffer.data(), buffer.size()) > 0) {
    }
    return fd;
}

void run(const char* directory, const char* ready) {
    allow_many_files();
    std::vector<int> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        files.push_back(open_and_read(entry.path()));
    std::ofstream(ready).close();
    for (const int fd : files) {
        sleep(1);
        close(fd);
    }
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3)
            throw std::runtime_error("usage: hold_files DIRECTORY READY_FILE");
        run(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::cerr << "hold_files: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
