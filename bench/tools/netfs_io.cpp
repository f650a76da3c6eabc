// SPDX-License-Identifier: GPL-2.0-or-later
// Reading and storing through libcachefiles, and the same files without it, in turns. One line for
// each measurement. Usage: netfs_io SOCKET CACHE ROUNDS WORK..., where WORK is
//
//   random FILES MIB       200 reads of 4 KiB a round, at random, of what is cached
//   sequential FILES MIB   a file a round, in reads of 1 MiB, of what is cached
//   store FILES KIB        new files, in pieces of 1 MiB; the peer writes its own beside the cache
//
// The peer of the reads is pread(2) on the cache's own files, that of storing is pwrite(2) and an
// fdatasync(2) for each file, either at its end or when all have been written.
#include "base/fd.hpp"
#include "bench/tools/cached_files.hpp"
#include "bench/tools/population.hpp"
#include "bench/tools/rounds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::bench;

constexpr std::size_t small_read = 4096;
constexpr std::size_t large_read = 1 << 20;
constexpr std::size_t reads_in_a_round = 200; // a millisecond or less: mostly undisturbed

struct Arguments {
    const char* socket;
    std::string cache;
    std::string work;
    std::size_t rounds, files, size;
};

void nothing(std::size_t /*round*/) {}

[[noreturn]] void not_all() {
    throw std::runtime_error("a read was not of what it was asked for");
}

/// What is cached, and the descriptors of the same files.
class Warm final {
public:
    Warm(const Arguments& arguments, std::size_t bytes)
        : files_(arguments.socket, arguments.cache, "bench-reads", bytes), count_(arguments.files) {
        for (std::size_t number = 0; number < count_; ++number) {
            files_.store(number, 1, large_read, contents_of(number, bytes));
            files_.let_go(false);
        }
        files_.take_up(0, count_);
        for (std::size_t number = 0; number < count_; ++number) {
            descriptors_.emplace_back(open(files_.path(number).c_str(), O_RDONLY | O_CLOEXEC));
            check_system(descriptors_.back().get(), files_.path(number));
            compare(number);
        }
    }
    ~Warm() {
        try {
            files_.let_go(true);
        } catch (const std::exception& error) {
            std::cerr << error.what() << '\n';
        }
    }
    Warm(const Warm&) = delete;
    Warm& operator=(const Warm&) = delete;

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::size_t bytes() const { return files_.bytes(); }
    [[nodiscard]] cachefiles_cookie* cookie(std::size_t at) const { return files_.cookie(at); }
    [[nodiscard]] int descriptor(std::size_t at) const { return descriptors_[at].get(); }

private:
    /// Both have what the source has; afterwards all of it is in memory.
    void compare(std::size_t number) const {
        const std::vector<char> wanted = contents_of(number, bytes());
        std::vector<char> found(bytes());
        const ssize_t size = static_cast<ssize_t>(bytes());
        if (cachefiles_read(cookie(number), found.data(), bytes(), 0) != size || found != wanted)
            not_all();
        if (pread(descriptor(number), found.data(), bytes(), 0) != size || found != wanted)
            not_all();
    }

    CachedFiles files_;
    std::size_t count_;
    std::vector<Fd> descriptors_;
};

struct Place {
    std::size_t file;
    std::uint64_t start;
};

class RandomReads final {
public:
    RandomReads(const Warm& warm, unsigned seed) : warm_(warm), random_(seed) {}

    /// Others each time: what one reader has brought into the processor's caches is of no use to
    /// the other.
    void choose() {
        places_.clear();
        for (std::size_t i = 0; i < reads_in_a_round; ++i)
            places_.push_back(
                {random_() % warm_.count(), random_() % (warm_.bytes() / small_read) * small_read});
    }
    template<class Read>
    void run(const Read& read) {
        for (const Place& place : places_) {
            if (read(place, buffer_.data()) != static_cast<ssize_t>(small_read))
                not_all();
        }
    }

private:
    const Warm& warm_;
    std::mt19937_64 random_;
    std::vector<Place> places_;
    std::vector<char> buffer_ = std::vector<char>(small_read);
};

ssize_t never(void* /*context*/, void* /*buffer*/, size_t /*length*/, uint64_t /*start*/) {
    return -EIO;
}

void measure_random(const Arguments& arguments) {
    const Warm warm(arguments, arguments.size << 20);
    RandomReads mine(warm, 1), others(warm, 2);
    const auto peer = [&](std::size_t) {
        others.run([&](const Place& place, char* buffer) {
            return pread(warm.descriptor(place.file), buffer, small_read,
                         static_cast<off_t>(place.start));
        });
    };
    const auto choose = [&](std::size_t) {
        mine.choose();
        others.choose();
    };
    const auto measure = [&](const char* what, const auto& read) {
        choose(0);
        Rounds rounds;
        rounds.run(arguments.rounds, [&](std::size_t) { mine.run(read); }, peer, choose);
        rounds.print(what, reads_in_a_round);
    };
    measure("random,read", [&](const Place& place, char* buffer) {
        return cachefiles_read(warm.cookie(place.file), buffer, small_read, place.start);
    });
    measure("random,plan+read", [&](const Place& place, char* buffer) {
        cachefiles_plan plan{};
        cachefiles_plan_read(warm.cookie(place.file), place.start, small_read, &plan);
        return cachefiles_read(warm.cookie(place.file), buffer, small_read, place.start);
    });
    measure("random,read_through", [&](const Place& place, char* buffer) {
        return cachefiles_read_through(warm.cookie(place.file), buffer, small_read, place.start,
                                       never, nullptr);
    });
    // What the machine itself makes of two that are the same.
    measure("random,pread", [&](const Place& place, char* buffer) {
        return pread(warm.descriptor(place.file), buffer, small_read,
                     static_cast<off_t>(place.start));
    });
}

void measure_sequential(const Arguments& arguments) {
    const Warm warm(arguments, arguments.size << 20);
    std::vector<char> buffer(large_read);
    const auto whole_file = [&](const auto& read) {
        for (std::uint64_t start = 0; start < warm.bytes(); start += large_read) {
            if (read(start) != static_cast<ssize_t>(large_read))
                not_all();
        }
    };
    const auto measure = [&](const char* what, const auto& read_ours) {
        Rounds rounds;
        rounds.run(
            arguments.rounds,
            [&](std::size_t round) {
                const std::size_t file = round % warm.count();
                whole_file([&](std::uint64_t start) { return read_ours(file, start); });
            },
            [&](std::size_t round) { // another file, for the same reason as above
                const std::size_t file = (round + warm.count() / 2) % warm.count();
                whole_file([&](std::uint64_t start) {
                    return pread(warm.descriptor(file), buffer.data(), large_read,
                                 static_cast<off_t>(start));
                });
            },
            nothing);
        rounds.print(what, static_cast<double>(warm.bytes()) / large_read);
    };
    measure("sequential,read", [&](std::size_t file, std::uint64_t start) {
        return cachefiles_read(warm.cookie(file), buffer.data(), large_read, start);
    });
    measure("sequential,read_through", [&](std::size_t file, std::uint64_t start) {
        return cachefiles_read_through(warm.cookie(file), buffer.data(), large_read, start, never,
                                       nullptr);
    });
    measure("sequential,pread", [&](std::size_t file, std::uint64_t start) {
        return pread(warm.descriptor(file), buffer.data(), large_read, static_cast<off_t>(start));
    });
}

class PlainFiles final {
public:
    explicit PlainFiles(std::string folder) : folder_(std::move(folder)) {}

    void store(std::size_t count, const std::vector<char>& data, bool at_the_end) const {
        std::vector<Fd> open_ones;
        for (std::size_t number = 0; number < count; ++number) {
            const std::string path = path_of(number);
            Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
            check_system(fd.get(), path);
            for (std::size_t at = 0; at < data.size(); at += large_read) {
                const std::size_t length = std::min(large_read, data.size() - at);
                if (pwrite(fd.get(), &data[at], length, static_cast<off_t>(at)) !=
                    static_cast<ssize_t>(length))
                    check_system(-1, path);
            }
            if (!at_the_end)
                check_system(fdatasync(fd.get()), path);
            else
                open_ones.push_back(std::move(fd));
        }
        for (const Fd& fd : open_ones)
            check_system(fdatasync(fd.get()), "fdatasync");
    }
    /// A file system with a journal brings all names to the disk that were given before.
    void sync_names() const {
        const std::string path = folder_ + "/names";
        const Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        check_system(fd.get(), path);
        check_system(fsync(fd.get()), path);
        unlink(path.c_str());
    }
    void remove(std::size_t count) const {
        for (std::size_t number = 0; number < count; ++number)
            unlink(path_of(number).c_str());
    }

private:
    [[nodiscard]] std::string path_of(std::size_t number) const {
        return folder_ + "/peer" + std::to_string(number);
    }
    std::string folder_;
};

void measure_store(const Arguments& arguments) {
    const std::size_t bytes = arguments.size << 10;
    const std::vector<char> data = contents_of(1, bytes);
    CachedFiles files(arguments.socket, arguments.cache, "bench-stores", bytes);
    const PlainFiles plain(arguments.cache + "/..");
    const Fd root(open(arguments.cache.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto measure = [&](const char* what, bool at_the_end) {
        bool mine = false;
        Rounds rounds;
        rounds.run(
            arguments.rounds,
            [&](std::size_t) {
                files.store(0, arguments.files, large_read, data);
                files.let_go(false);
                plain.sync_names(); // those of the peer's files are on the disk as well
                mine = true;
            },
            [&](std::size_t) { plain.store(arguments.files, data, at_the_end); },
            [&](std::size_t) {
                if (mine) {
                    files.take_up(0, arguments.files); // and all of it is there
                    files.let_go(true);
                }
                mine = false;
                plain.remove(arguments.files);
                check_system(syncfs(root.get()), "syncfs");
            });
        rounds.print(what, static_cast<double>(bytes * arguments.files) / large_read);
    };
    measure("store,fdatasync_each", false);
    measure("store,fdatasync_at_the_end", true);
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 7)
            throw std::runtime_error("usage: netfs_io SOCKET CACHE ROUNDS WORK FILES SIZE");
        const Arguments arguments{argv[1],
                                  argv[2],
                                  argv[4],
                                  std::stoul(argv[3]),
                                  std::stoul(argv[5]),
                                  std::stoul(argv[6])};
        if (arguments.work == "random")
            measure_random(arguments);
        else if (arguments.work == "sequential")
            measure_sequential(arguments);
        else if (arguments.work == "store")
            measure_store(arguments);
        else
            throw std::runtime_error("no such work: " + arguments.work);
    } catch (const std::exception& error) {
        std::cerr << "netfs_io: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
