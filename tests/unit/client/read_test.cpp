// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/fd.hpp"
#include "tests/unit/client/client_fixture.hpp"
#include "tests/unit/client/hooked_io.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cachefiles::tests {
namespace {

using Kind = FakeDaemon::Reaction::Kind;
using Type = FakeDaemon::Type;

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "plan: what is absent is to be stored in whole blocks") {
    open();
    struct cachefiles_plan made = plan(block + 5, 10);
    CHECK(made.source == CACHEFILES_STORE);
    CHECK(made.start == block);
    CHECK(made.length == block);
    made = plan(3 * block + 1, 10 * block);
    CHECK(made.source == CACHEFILES_STORE);
    CHECK(made.start == 3 * block);
    CHECK(made.length == 1000);
    made = plan(source.size, 10);
    CHECK(made.source == CACHEFILES_ZERO);
    CHECK(made.start == source.size);
    CHECK(made.length == 10);
    CHECK(plan(5, 0).length == 0);
    CHECK(plan(source.size - 1, ~std::uint64_t{0}).length == 1000);
    CHECK(daemon.count(Type::open) == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "a cookie that is not in use has no file") {
    open();
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(plan(0, 5).source == CACHEFILES_DOWNLOAD);
    CHECK(daemon.count(Type::open) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "read: what was stored, without asking the daemon") {
    open();
    CHECK(read_error(0, 10) == -ENODATA); // nothing was planned
    CHECK(store(block, block) == static_cast<ssize_t>(block));
    daemon.clear_requests();
    CHECK(read(block, block) == source.content(block, block));
    CHECK(read(block + 7, 100) == source.content(block + 7, 100));
    CHECK(read_error(block - 1, 2) == -ENODATA);
    CHECK(read_error(2 * block - 1, 2) == -ENODATA);
    struct cachefiles_plan made = plan(block + 7, 2 * block);
    CHECK(made.source == CACHEFILES_READ);
    CHECK(made.start == block + 7);
    CHECK(made.length == block - 7);
    made = plan(0, 3 * block);
    CHECK(made.source == CACHEFILES_STORE);
    CHECK(made.start == 0);
    CHECK(made.length == block); // up to what is there
    CHECK(daemon.requests().empty());
}

TEST_CASE_FIXTURE(ClientFixture, "read: the end of the file") {
    open();
    CHECK(store(3 * block, block) == 1000);
    CHECK(read(3 * block, block) == source.content(3 * block, 1000));
    CHECK(read(source.size - 1, 100).size() == 1);
    CHECK(read(source.size, 100).empty());
    CHECK(read(source.size + block, 100).empty());
    CHECK(read(3 * block, 0).empty());
}

TEST_CASE_FIXTURE(ClientFixture, "read: into memory that is not there") {
    open();
    fill();
    CHECK(cachefiles_read(cookie, nullptr, 10, 0) == -EFAULT);
    CHECK(read(0, 10) == source.content(0, 10));
}

TEST_CASE_FIXTURE(ClientFixture, "read: what ends in the middle of it does not count") {
    open();
    fill();
    hook_next_pread([this] {
        SUBCASE("the daemon invalidates") {
            daemon.invalidate("key");
        }
        SUBCASE("this program invalidates") {
            cachefiles_invalidate(cookie, "v2", 2, source.size, 0);
        }
        SUBCASE("the cookie is not in use any more") {
            cachefiles_unuse(cookie, nullptr, 0, nullptr);
        }
        SUBCASE("the daemon dies, and ends no generation") {
            daemon.stop();
            wait_offline();
        }
        return std::nullopt;
    });
    CHECK(read_error(0, block) == -ENODATA);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "read: a daemon that has died is noticed before its thread notices") {
    options.alive_interval = std::chrono::milliseconds(0);
    open();
    fill();
    CHECK(read(0, 5) == source.content(0, 5));
    hook_next_pread([this] {
        daemon.stop();
        return std::nullopt;
    });
    CHECK(read_error(0, block) == -ENODATA);
    CHECK(cachefiles_online(connection) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "read: after what ended in the middle of it, the new content") {
    open();
    fill();
    hook_next_pread([this] {
        daemon.invalidate("key");
        ++source.version;
        return std::nullopt;
    });
    const std::string bytes = read_through(5, 2 * block);
    CHECK(source.version == 2);
    CHECK(bytes == source.content(5, 2 * block));
    CHECK(read(0, block) == source.content(0, block));
}

TEST_CASE_FIXTURE(ClientFixture, "read: a disk that fails is no cache") {
    open();
    fill();
    SUBCASE("an error") {
        hook_next_pread([] {
            errno = EIO;
            return ssize_t{-1};
        });
    }
    SUBCASE("a file that is shorter than its map says") {
        hook_next_pread([] { return ssize_t{0}; });
    }
    CHECK(read_error(0, 10) == -ENODATA);
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
    CHECK(read_through(0, 10) == source.content(0, 10));
    CHECK(source.reads == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "read: in pieces, and interrupted") {
    open();
    fill();
    hook_next_pread([] {
        errno = EINTR;
        return ssize_t{-1};
    });
    CHECK(read(0, 100) == source.content(0, 100));
}

TEST_CASE_FIXTURE(ClientFixture, "a file that was closed for its reader is closed after it") {
    // What the hook does, the reader's own file must survive: it reads from it afterwards.
    open();
    fill();
    hook_next_pread([this] {
        for (int i = 0; i < 100; ++i) {
            cachefiles_invalidate(cookie, nullptr, 0, source.size, 0);
            static_cast<void>(plan(0, 1));
        }
        return std::nullopt;
    });
    CHECK(read_error(0, block) == -ENODATA);
}

TEST_CASE_FIXTURE(ClientFixture, "the daemon invalidates: planned again, opened again") {
    open();
    fill();
    daemon.invalidate("key");
    CHECK(plan(0, 10).source == CACHEFILES_STORE);
    CHECK(daemon.count(Type::open) == 2);
    fill();
    CHECK(read(0, 10) == source.content(0, 10));
}

TEST_CASE_FIXTURE(ClientFixture, "no cache: DOWNLOAD until one comes") {
    open();
    fill();
    daemon.withdraw();
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
    CHECK(daemon.count(Type::open) == 2); // it is not asked for again and again
    daemon.come_back();
    while (plan(0, 10).source != CACHEFILES_READ) {
    }
    CHECK(read(0, 10) == source.content(0, 10));
    CHECK(daemon.use_of("key")->uses == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "answers to Open that are of no use") {
    open();
    SUBCASE("refused") {
        daemon.refuse_once(Type::open, ENOBUFS);
    }
    SUBCASE("a slot that is not aligned") {
        daemon.slot_shift = 8;
    }
    SUBCASE("a slot outside of the arena") {
        daemon.slot_shift = std::uint64_t{1} << 40;
    }
    SUBCASE("a slot that overflows") {
        daemon.slot_shift = ~std::uint64_t{63};
    }
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
    daemon.slot_shift = 0;
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 10).source == CACHEFILES_STORE);
}

TEST_CASE_FIXTURE(ClientFixture, "no descriptor left for the file is no cache") {
    open();
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    // The daemon's file is made already; the next descriptor there would be is one too many.
    const Fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit none{static_cast<rlim_t>(next.get()), before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    const struct cachefiles_plan made = plan(0, 10);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(made.source == CACHEFILES_DOWNLOAD);
    CHECK(cachefiles_online(connection) == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "a file that ended before its answer came is not used") {
    open();
    daemon.react([](const FakeDaemon::Request& request) {
        const bool held = std::holds_alternative<protocol::netfs::Open>(request);
        return FakeDaemon::Reaction{held ? Kind::hold : Kind::normal};
    });
    std::thread planner([this] { CHECK(plan(0, 10).source == CACHEFILES_STORE); });
    daemon.wait_for(Type::open, 1);
    daemon.react(nullptr);
    SUBCASE("by the daemon") {
        daemon.invalidate("key");
    }
    SUBCASE("by this program") {
        CHECK(cachefiles_invalidate(cookie, "v2", 2, source.size, 0) == 0);
    }
    daemon.release();
    planner.join();
    CHECK(daemon.count(Type::open) == 2);
}

TEST_CASE_FIXTURE(ClientFixture, "occupancy: the first run of a range") {
    open();
    std::uint64_t start = 0;
    std::uint64_t length = 0;
    CHECK(cachefiles_occupancy(cookie, 0, source.size, &start, &length) == 0);
    CHECK(store(block, 2 * block) == static_cast<ssize_t>(2 * block));
    CHECK(cachefiles_occupancy(cookie, 5, source.size, &start, &length) == 1);
    CHECK(start == block);
    CHECK(length == 2 * block);
    CHECK(cachefiles_occupancy(cookie, block + 5, 10, &start, &length) == 1);
    CHECK(start == block + 5);
    CHECK(length == 10);
    CHECK(cachefiles_occupancy(cookie, 0, block, &start, &length) == 0);
    CHECK(length == 0);
    fill();
    CHECK(cachefiles_occupancy(cookie, 1, ~std::uint64_t{0}, &start, &length) == 1);
    CHECK(start == 1);
    CHECK(length == source.size - 1);
    CHECK(cachefiles_occupancy(cookie, source.size, 1, &start, &length) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "descriptor: of a file that has the range, to its exact end") {
    open();
    CHECK(cachefiles_descriptor(cookie, 0, block) == -ENODATA);
    CHECK(cachefiles_descriptor(nullptr, 0, block) == -ENODATA);
    CHECK(store(0, source.size) == static_cast<ssize_t>(source.size));
    const Fd part(cachefiles_descriptor(cookie, block, 2 * block));
    REQUIRE(part);
    CHECK(cachefiles_descriptor(cookie, block, source.size) == -ENODATA); // beyond its end
    const Fd whole(cachefiles_descriptor(cookie, 0, source.size));
    REQUIRE(whole);
    struct stat status{};
    REQUIRE(fstat(whole.get(), &status) == 0);
    CHECK(static_cast<std::uint64_t>(status.st_size) == source.size);
    std::string bytes(source.size + 1, '\0');
    CHECK(pread(whole.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(source.size));
    bytes.resize(source.size);
    CHECK(bytes == source.content(0, source.size));
    CHECK(cachefiles_invalidate(cookie, "new", 3, source.size, 0) == 0);
    CHECK(cachefiles_descriptor(cookie, 0, block) == -ENODATA);
    CHECK(pread(whole.get(), bytes.data(), bytes.size(), 0) ==
          static_cast<ssize_t>(source.size)); // it is still what it was
    CHECK(bytes == source.content(0, source.size));
}

} // namespace cachefiles::tests
