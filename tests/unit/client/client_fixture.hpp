// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "client/cachefiles.h"
#include "client/options.hpp"
#include "tests/unit/client/fake_daemon.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cachefiles::tests {

inline constexpr std::uint64_t block = 256 << 10;

/// A file at the source: each 8 bytes say where they are, and of which version.
struct Source {
    std::uint64_t size = 3 * block + 1000;
    std::uint64_t version = 1;
    int reads = 0;
    std::uint64_t given = 0;                        ///< bytes
    std::uint64_t largest_read = ~std::uint64_t{0}; ///< it gives no more at a time
    int error = 0;

    [[nodiscard]] std::string content(std::uint64_t start, std::uint64_t length) const;
    /// For cachefiles_read_through().
    static ssize_t fetch(void* source, void* buffer, size_t length, uint64_t start);
};

/// A daemon, and a client with one volume and a cookie in use. What is given up at the end is
/// whatever is still there.
class ClientFixture {
public:
    ClientFixture();
    ~ClientFixture();
    ClientFixture(const ClientFixture&) = delete;
    ClientFixture& operator=(const ClientFixture&) = delete;

    void connect(); ///< with `options`
    void open();    ///< connect, volume, cookie `key` with `aux` and the source's size, in use
    void open(unsigned flags);
    void wait_online();
    void wait_offline();

    [[nodiscard]] struct cachefiles_plan plan(std::uint64_t start, std::uint64_t length);
    [[nodiscard]] std::string read(std::uint64_t start, std::uint64_t length); ///< of the cache
    [[nodiscard]] ssize_t read_error(std::uint64_t start, std::uint64_t length);
    [[nodiscard]] std::string read_through(std::uint64_t start, std::uint64_t length);
    /// Downloads the range and stores it.
    ssize_t store(std::uint64_t start, std::uint64_t length);
    void fill() { store(0, source.size); }

    TemporaryDirectory directory;
    FakeDaemon daemon;
    client::Options options;
    Source source;
    cachefiles_connection* connection = nullptr;
    cachefiles_volume* volume = nullptr;
    cachefiles_cookie* cookie = nullptr;
};

} // namespace cachefiles::tests
