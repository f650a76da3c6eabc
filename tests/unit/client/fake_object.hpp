// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "tests/unit/client/fake_daemon.hpp"

#include <sys/mman.h>

#include <set>
#include <utility>

namespace cachefiles::tests {

/// A file of the fake's disk.
struct FakeDaemon::Object {
    std::string aux;
    std::uint64_t size = 0;
    Fd file;
    std::set<std::uint64_t> present; ///< blocks
};

struct FakeDaemon::Cookie {
    std::uint32_t id = 0;
    std::string key;
    std::string aux;
    std::uint64_t size = 0;
    Use use;
    bool disabled = false;
    bool invalidated = false; ///< what is on the disk does not count
    std::shared_ptr<Object> object;
    std::uint64_t generation = 0; ///< of its slot; 0: it has none
    std::uint64_t slot = 0;
    protocol::netfs::SlotHeader* header = nullptr;

    [[nodiscard]] std::atomic<std::uint64_t>* words() const {
        return reinterpret_cast<std::atomic<std::uint64_t>*>(header + 1);
    }
};

struct FakeDaemon::Client {
    static constexpr std::size_t arena_size = 64 << 20;
    /// 64 words: 4096 blocks.
    static constexpr std::uint32_t capacity = 4096;
    static constexpr std::size_t slot_size = sizeof(protocol::netfs::SlotHeader) + capacity / 8;

    explicit Client(Fd its_socket) : socket(std::move(its_socket)) {}
    ~Client() {
        if (arena != nullptr)
            munmap(arena, arena_size);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    struct Grant {
        std::uint32_t cookie = 0;
        std::uint64_t start = 0;
        std::uint64_t length = 0;
        std::shared_ptr<Object> object;
    };

    Fd socket;
    bool dead = false;
    Fd arena_file;
    void* arena = nullptr;
    std::uint64_t next_slot = 0;
    std::uint64_t last_generation = 0;
    std::uint32_t last_id = 0;
    std::uint64_t last_grant = 0;
    std::map<std::uint32_t, std::string> volumes;
    std::map<std::uint32_t, Cookie> cookies;
    std::map<std::uint64_t, Grant> grants;
    std::vector<std::pair<protocol::netfs::Reply, Fd>> held;
};

} // namespace cachefiles::tests
