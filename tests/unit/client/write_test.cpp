// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/connection.hpp"
#include "tests/unit/client/client_fixture.hpp"
#include "tests/unit/client/hooked_io.hpp"

#include <doctest/doctest.h>

#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace cachefiles::tests {
namespace {

using Kind = FakeDaemon::Reaction::Kind;
using Type = FakeDaemon::Type;

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "store: whole blocks of what was downloaded") {
    open();
    CHECK(store(1, block) == 0);     // no whole block
    CHECK(store(0, block - 1) == 0); // nor here
    CHECK(daemon.count(Type::prepare_write) == 0);
    CHECK(store(5, 2 * block) == static_cast<ssize_t>(block)); // the second one
    CHECK(plan(block, block).source == CACHEFILES_READ);
    CHECK(plan(0, 1).source == CACHEFILES_STORE);
    CHECK(plan(2 * block, 1).source == CACHEFILES_STORE);
    CHECK(store(3 * block, 999) == 0); // not to the end of the file
    CHECK(store(3 * block, 1000) == 1000);
    CHECK(read(3 * block, 1000) == source.content(3 * block, 1000));
    CHECK(store(source.size, 10) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "store: only what is not there yet") {
    open();
    CHECK(store(block, block) == static_cast<ssize_t>(block));
    daemon.clear_requests();
    CHECK(store(block, block) == 0);
    CHECK(daemon.requests().empty());
    CHECK(store(0, source.size) == static_cast<ssize_t>(source.size - block));
    CHECK(daemon.count(Type::prepare_write) == 2);
    CHECK(daemon.bytes_of("key") == source.content(0, source.size));
}

TEST_CASE_FIXTURE(ClientFixture, "store: what the daemon says is there already") {
    open();
    daemon.refuse_once(Type::prepare_write, EEXIST);
    CHECK(store(0, block) == 0);
    CHECK(store(0, block) == static_cast<ssize_t>(block));
}

TEST_CASE_FIXTURE(ClientFixture, "store: passes over a block that somebody else is storing") {
    open();
    daemon.refuse_once(Type::prepare_write, EEXIST);
    CHECK(store(0, 2 * block + 1) == static_cast<ssize_t>(block));
    CHECK(plan(0, 1).source == CACHEFILES_STORE);
    CHECK(plan(block, 1).source == CACHEFILES_READ);
    cachefiles_grant grant{};
    const struct cachefiles_plan made = plan(0, block);
    daemon.refuse_once(Type::prepare_write, EEXIST);
    CHECK(cachefiles_prepare_write(cookie, &made, 0, block, &grant) == 0);
    CHECK(grant.fd == -1);
}

TEST_CASE_FIXTURE(ClientFixture, "store: passes over a block that has come meanwhile") {
    open();
    static_cast<void>(plan(0, 1));
    daemon.store_unseen("key", 0);
    CHECK(store(0, 2 * block) == static_cast<ssize_t>(block));
    CHECK(plan(block, 1).source == CACHEFILES_READ);
    CHECK(daemon.count(Type::prepare_write) == daemon.count(Type::commit_write));
}

TEST_CASE_FIXTURE(ClientFixture, "store: no room, and the pause after it") {
    open();
    SUBCASE("of the daemon's") {
        daemon.refuse_once(Type::prepare_write, ENOSPC);
    }
    SUBCASE("of the disk's") {
        hook_next_pwrite([] {
            errno = ENOSPC;
            return ssize_t{-1};
        });
    }
    CHECK(store(block, block) == 0);
    const struct cachefiles_plan made = plan(block + 5, 10);
    CHECK(made.source == CACHEFILES_DOWNLOAD);
    CHECK(made.start == block + 5);
    CHECK(made.length == 10);
    CHECK(plan(block + 5, 3 * block).length == source.size - block - 5);
}

TEST_CASE_FIXTURE(ClientFixture, "store: after the pause it is tried again") {
    options.no_space_pause = std::chrono::milliseconds(1);
    open();
    daemon.refuse_once(Type::prepare_write, ENOSPC);
    CHECK(store(0, block) == 0);
    while (plan(0, block).source != CACHEFILES_STORE) {
    }
    CHECK(store(0, block) == static_cast<ssize_t>(block));
}

TEST_CASE_FIXTURE(ClientFixture, "store: other refusals are no cache") {
    open();
    for (const int error : {ENOBUFS, EMFILE, EIO}) {
        daemon.refuse_once(Type::prepare_write, error);
        CHECK(store(0, block) == 0);
        CHECK(plan(0, block).source == CACHEFILES_STORE);
    }
    daemon.refuse_once(Type::commit_write, EIO);
    CHECK(store(0, block) == 0);
    CHECK(store(0, block) == static_cast<ssize_t>(block));
}

TEST_CASE_FIXTURE(ClientFixture, "store: data of before an invalidation are refused") {
    open();
    const struct cachefiles_plan made = plan(0, block);
    const std::string old = source.content(0, block);
    SUBCASE("before it") {
        daemon.invalidate("key");
        CHECK(cachefiles_store(cookie, &made, old.data(), block, 0) == -ESTALE);
    }
    SUBCASE("between the grant and the write") {
        hook_next_pwrite([this] {
            daemon.invalidate("key");
            return std::nullopt;
        });
        CHECK(cachefiles_store(cookie, &made, old.data(), block, 0) == -ESTALE);
    }
    SUBCASE("by this program, then") {
        hook_next_pwrite([this] {
            cachefiles_invalidate(cookie, "v2", 2, source.size, 0);
            return std::nullopt;
        });
        CHECK(cachefiles_store(cookie, &made, old.data(), block, 0) == -ESTALE);
    }
    SUBCASE("when the file has been opened again, and its generation may be the same") {
        daemon.stop();
        wait_offline();
        CHECK(cachefiles_store(cookie, &made, old.data(), block, 0) == 0);
        daemon.start();
        wait_online();
        static_cast<void>(plan(0, block));
        CHECK(cachefiles_store(cookie, &made, old.data(), block, 0) == -ESTALE);
    }
    CHECK(plan(0, block).source == CACHEFILES_STORE);
}

TEST_CASE_FIXTURE(ClientFixture, "store: a daemon that dies during the write") {
    open();
    hook_next_pwrite([this] {
        daemon.stop();
        wait_offline();
        return std::nullopt;
    });
    CHECK(store(0, block) == 0);
    daemon.start();
    wait_online();
    while (plan(0, block).source != CACHEFILES_STORE) { // acquired only when nobody writes
    }
    CHECK(store(0, block) == static_cast<ssize_t>(block));
}

TEST_CASE_FIXTURE(ClientFixture, "modify: changes what is there") {
    open(CACHEFILES_MODIFY);
    fill();
    CHECK(cachefiles_modify(cookie, "hello", 5, block - 2) == 5);
    CHECK(read(block - 3, 7) ==
          source.content(block - 3, 1) + "hello" + source.content(block + 3, 1));
    CHECK(daemon.count(Type::invalidate) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "modify: what fails leaves nothing old behind") {
    open(CACHEFILES_MODIFY);
    fill();
    std::size_t expected = 1;
    SUBCASE("refused") {
        daemon.refuse_once(Type::prepare_write, ENOSPC);
    }
    SUBCASE("not committed") {
        daemon.refuse_once(Type::commit_write, EIO);
    }
    SUBCASE("not written") {
        hook_next_pwrite([] {
            errno = EIO;
            return ssize_t{-1};
        });
    }
    SUBCASE("no descriptor") {
        daemon.refuse_once(Type::prepare_write, EMFILE);
    }
    CHECK(cachefiles_modify(cookie, "hello", 5, 10) == 0);
    CHECK(read_error(0, 20) == -ENODATA);
    CHECK(plan(0, 20).source != CACHEFILES_READ);
    CHECK(daemon.count(Type::invalidate) == expected);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "modify: of a file that was replaced meanwhile goes to the new one") {
    open(CACHEFILES_MODIFY);
    fill();
    daemon.refuse_once(Type::prepare_write, ESTALE);
    CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
    CHECK(read(0, 5) == "hello");
}

TEST_CASE_FIXTURE(ClientFixture, "modify: while the daemon is away, what it has is void") {
    open(CACHEFILES_MODIFY);
    fill();
    daemon.stop();
    wait_offline();
    CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 0);
    daemon.start();
    wait_online();
    while (plan(0, 5).source == CACHEFILES_DOWNLOAD) {
    }
    CHECK(plan(0, 5).source == CACHEFILES_STORE);
    CHECK(daemon.use_of("key")->modifies);
}

TEST_CASE_FIXTURE(ClientFixture, "store: data of before a change are refused") {
    open(CACHEFILES_MODIFY);
    CHECK(store(0, block) > 0);
    const struct cachefiles_plan made = plan(block, block);
    const std::string old = source.content(block, block);
    SUBCASE("of the content") {
        CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
    }
    SUBCASE("of the size") {
        CHECK(cachefiles_resize(cookie, source.size - 1) == 0);
    }
    CHECK(cachefiles_store(cookie, &made, old.data(), block, block) == -ESTALE);
    CHECK(plan(block, block).source == CACHEFILES_STORE);
    const struct cachefiles_plan later = plan(block, block);
    CHECK(cachefiles_store(cookie, &later, old.data(), block, block) ==
          static_cast<ssize_t>(block));
}

TEST_CASE_FIXTURE(ClientFixture, "store: what a change meets on its way is not committed") {
    open(CACHEFILES_MODIFY);
    static_cast<void>(plan(0, 1));
    std::thread changer;
    hook_next_pwrite([&] {
        changer = std::thread([this] {
            CHECK(cachefiles_modify(cookie, "hello", 5, 10) >= 0); // waits for the store
        });
        cachefiles_cookie* const changed = cookie;
        while (changed->changes == 0)
            sched_yield();
        return std::nullopt;
    });
    CHECK(store(0, block) == -ESTALE);
    changer.join();
    CHECK(plan(0, block).source == CACHEFILES_STORE);
    CHECK(daemon.bytes_of("key").substr(10, 5) == "hello"); // it came after the old data
}

TEST_CASE_FIXTURE(ClientFixture, "modify: while somebody may be filling by a grant, all is void") {
    open(CACHEFILES_MODIFY);
    CHECK(store(block, block) > 0);
    const struct cachefiles_plan made = plan(0, block);
    cachefiles_grant grant{};
    REQUIRE(cachefiles_prepare_write(cookie, &made, 0, block, &grant) == 1);
    SUBCASE("modify") {
        CHECK(cachefiles_modify(cookie, "hello", 5, block) == 0);
    }
    SUBCASE("by a grant") {
        cachefiles_grant other{};
        CHECK(cachefiles_prepare_write(cookie, nullptr, block, 5, &other) == 0);
    }
    CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == -ESTALE);
    CHECK(plan(0, 2 * block).source == CACHEFILES_STORE);
    CHECK(plan(0, 2 * block).length == 2 * block);
}

TEST_CASE_FIXTURE(ClientFixture, "prepare and commit: for data in a pipe") {
    open();
    struct cachefiles_plan made = plan(5, 10);
    cachefiles_grant grant{};
    REQUIRE(cachefiles_prepare_write(cookie, &made, made.start, made.length, &grant) == 1);
    CHECK(grant.start == 0);
    CHECK(grant.length == block);
    const std::string bytes = source.content(0, block);
    REQUIRE(::pwrite(grant.fd, bytes.data(), block, 0) == static_cast<ssize_t>(block));
    CHECK(read_error(0, 10) == -ENODATA); // before the commit it is not there
    CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == 0);
    CHECK(read(0, 10) == source.content(0, 10));
    CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == -EINVAL);   // it was used up
    CHECK(cachefiles_prepare_write(cookie, &made, 0, block, &grant) == 0); // all is there
    CHECK(grant.fd == -1);
}

TEST_CASE_FIXTURE(ClientFixture, "prepare and commit: given up, beyond the grant, too late") {
    open();
    const struct cachefiles_plan made = plan(0, block);
    cachefiles_grant grant{};
    REQUIRE(cachefiles_prepare_write(cookie, &made, 0, block, &grant) == 1);
    SUBCASE("given up") {
        CHECK(cachefiles_commit_write(cookie, &grant, 0, 0) == 0);
    }
    SUBCASE("beyond the grant") {
        CHECK(cachefiles_commit_write(cookie, &grant, 0, block + 1) == -EINVAL);
    }
    SUBCASE("before it") {
        CHECK(cachefiles_commit_write(cookie, &grant, ~std::uint64_t{0}, 2) == -EINVAL);
    }
    SUBCASE("after an invalidation") {
        daemon.invalidate("key");
        CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == -ESTALE);
        CHECK(cachefiles_prepare_write(cookie, &made, 0, block, &grant) == -ESTALE);
    }
    SUBCASE("after the daemon") {
        daemon.drop_clients();
        daemon.wait_for(Type::hello, 2);
        CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == 0);
        wait_online();
        while (plan(0, block).source == CACHEFILES_DOWNLOAD) {
        }
    }
    CHECK(plan(0, block).source == CACHEFILES_STORE);
    CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == -EINVAL);
}

TEST_CASE_FIXTURE(ClientFixture, "prepare and commit: a modification") {
    open(CACHEFILES_MODIFY);
    fill();
    cachefiles_grant grant{};
    REQUIRE(cachefiles_prepare_write(cookie, nullptr, 7, 3, &grant) == 1);
    CHECK(grant.start == 7);
    CHECK(grant.length == 3);
    REQUIRE(::pwrite(grant.fd, "abc", 3, 7) == 3);
    SUBCASE("committed") {
        CHECK(cachefiles_commit_write(cookie, &grant, 7, 3) == 0);
        CHECK(read(7, 3) == "abc");
        CHECK(daemon.count(Type::invalidate) == 0);
    }
    SUBCASE("not committed") {
        daemon.refuse_once(Type::commit_write, EIO);
        CHECK(cachefiles_commit_write(cookie, &grant, 7, 3) == 0);
        CHECK(plan(7, 3).source == CACHEFILES_STORE);
        CHECK(daemon.count(Type::invalidate) == 1);
    }
}

TEST_CASE_FIXTURE(ClientFixture, "grants go with their cookie") {
    open();
    const struct cachefiles_plan made = plan(0, block);
    cachefiles_grant grant{};
    REQUIRE(cachefiles_prepare_write(cookie, &made, 0, block, &grant) == 1);
    cachefiles_relinquish_cookie(cookie, 0);
    REQUIRE(cachefiles_acquire_cookie(volume, "key", 3, "v1", 2, source.size, &cookie) == 0);
    CHECK(cachefiles_commit_write(cookie, &grant, 0, block) == -EINVAL);
}

} // namespace cachefiles::tests
