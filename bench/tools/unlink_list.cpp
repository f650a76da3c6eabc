// SPDX-License-Identifier: GPL-2.0-or-later
// The peer of culling: unlinks what a list names, "DIRECTORY NAME" in each line, in its order and
// with each directory opened once. Usage: unlink_list ROOT LIST
#include "base/fd.hpp"
#include "bench/tools/population.hpp"
#include "bench/tools/rounds.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::bench;

struct Group {
    std::string directory;
    std::vector<std::string> names;
};

std::vector<Group> read_list(const char* path) {
    std::vector<Group> groups;
    std::ifstream list(path);
    std::string directory, name;
    while (list >> directory >> name) {
        if (groups.empty() || groups.back().directory != directory)
            groups.push_back({directory, {}});
        groups.back().names.push_back(name);
    }
    return groups;
}

void unlink_all(int root, const std::vector<Group>& groups) {
    for (const Group& group : groups) {
        const Fd directory(
            openat(root, group.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        check_system(directory.get(), group.directory);
        for (const std::string& name : group.names)
            check_system(unlinkat(directory.get(), name.c_str(), 0), name);
    }
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3)
            throw std::runtime_error("usage: unlink_list ROOT LIST");
        const std::vector<Group> groups = read_list(argv[2]);
        const Fd root(open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        check_system(root.get(), argv[1]);
        const double before = cpu_seconds();
        const double wall = seconds_of([&] { unlink_all(root.get(), groups); });
        std::printf("wall=%.4f cpu=%.4f\n", wall, cpu_seconds() - before);
    } catch (const std::exception& error) {
        std::cerr << "unlink_list: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
