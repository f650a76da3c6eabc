// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/error.hpp"
#include "base/fd.hpp"
#include "cull/reaper.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cachefiles::tests {

/// A real directory `graveyard` to be emptied, beside a directory `outside` that must not change.
class Graveyard final {
public:
    Graveyard() {
        std::filesystem::create_directory(path());
        std::filesystem::create_directory(outside());
        write(outside() / "precious", 5'000);
        fd_ = Fd(::open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd_)
            throw SystemError("cannot open " + path().string());
    }

    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "graveyard"; }
    [[nodiscard]] std::filesystem::path outside() const { return directory_.path() / "outside"; }
    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] bool outside_is_whole() const {
        return std::filesystem::file_size(outside() / "precious") == 5'000;
    }

    static void write(const std::filesystem::path& file, std::size_t bytes) {
        std::ofstream stream(file, std::ios::binary);
        stream << std::string(bytes, 'x');
        if (!stream.flush())
            throw SystemError("cannot write " + file.string());
    }

    /// A volume as the driver leaves it: 256 fan-out directories, here the first few.
    void add_volume(const std::string& name, int fanouts, int objects) const {
        for (int f = 0; f < fanouts; ++f) {
            const std::filesystem::path fanout = path() / name / ("@" + std::to_string(f));
            std::filesystem::create_directories(fanout);
            for (int o = 0; o < objects; ++o)
                write(fanout / ("D" + std::to_string(o)), 100);
        }
    }

    /// A chain of directories, deeper than any path may be long.
    void add_chain(int levels) const {
        Fd at(::dup(fd()));
        for (int i = 0; i < levels; ++i) {
            if (::mkdirat(at.get(), "directory-in-a-chain", 0700) != 0)
                throw SystemError("mkdirat");
            at = Fd(::openat(at.get(), "directory-in-a-chain", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            const Fd file(::openat(at.get(), "D", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        }
    }

private:
    TemporaryDirectory directory_;
    Fd fd_;
};

inline bool always() {
    return true;
}

} // namespace cachefiles::tests
