// SPDX-License-Identifier: GPL-2.0-or-later
// The least that culling can cost: binds the cache and sends the `cull` commands of a list that
// was made beforehand, with one change of directory for each group. Usage:
// cull_replay CACHE LIST [COMMAND...], where the commands (such as "frun 20%") come before `bind`.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Group {
    std::string directory;
    std::vector<std::string> commands;
};

std::vector<Group> read_list(const char* path) {
    std::ifstream list(path);
    std::vector<Group> groups;
    std::string directory;
    std::string name;
    while (list >> directory >> name) {
        if (groups.empty() || groups.back().directory != directory)
            groups.push_back({directory, {}});
        groups.back().commands.push_back("cull " + name);
    }
    return groups;
}

void send(int device, const std::string& command) {
    if (write(device, command.data(), command.size()) < 0)
        throw std::runtime_error(command + ": " + std::strerror(errno));
}

void replay(int device, const std::string& cache, const std::vector<Group>& groups) {
    for (const Group& group : groups) {
        const std::string path = cache + "/" + group.directory;
        const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0 || fchdir(directory) != 0)
            throw std::runtime_error(path + ": " + std::strerror(errno));
        close(directory);
        for (const std::string& command : group.commands)
            send(device, command);
    }
}

void run(const std::vector<std::string>& arguments) {
    if (arguments.size() < 2)
        throw std::runtime_error("usage: cull_replay CACHE LIST [COMMAND...]");
    const std::string& cache = arguments[0];
    const std::vector<Group> groups = read_list(arguments[1].c_str());
    const int device = open("/dev/cachefiles", O_RDWR | O_CLOEXEC);
    if (device < 0)
        throw std::runtime_error(std::string("/dev/cachefiles: ") + std::strerror(errno));
    for (std::size_t i = 2; i < arguments.size(); ++i)
        send(device, arguments[i]);
    send(device, "dir " + cache);
    send(device, "tag vm");
    send(device, "bind");
    replay(device, cache, groups);
}

} // namespace

int main(int argc, char** argv) {
    try {
        run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "cull_replay: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    // Still there, and the cache still bound, until what it has used is read.
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_BLOCK, &end, nullptr);
    int signal = 0;
    sigwait(&end, &signal);
    return EXIT_SUCCESS;
}
