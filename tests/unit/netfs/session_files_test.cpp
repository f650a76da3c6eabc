// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/netfs/client_arena.hpp"
#include "tests/unit/netfs/session_bench.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <utility>

using namespace cachefiles;
using namespace cachefiles::tests;
using Why = wire::FileEnded::Why;

namespace {

constexpr std::uint64_t block = wire::block_size;

/// A client that has a cookie of four blocks in use, and its file open.
struct OpenBench : SessionBench {
    Fd file{open("/dev/null", O_RDWR | O_CLOEXEC)};
    TestClient client{*this};
    ClientArena arena{Fd(dup(client.channel->descriptors.at(0).descriptor)),
                      services.limits.client.arena_bytes};
    std::uint32_t volume = client.volume();
    std::uint32_t cookie;
    wire::OpenReply opened;

    explicit OpenBench(bool modify = false)
        : cookie([this, modify] {
              disk.descriptor = file.get();
              return client.used_cookie(volume, "k", modify);
          }()),
          opened(client.open(cookie)) {}

    [[nodiscard]] wire::PrepareWrite
    prepare_request(std::uint64_t start, std::uint64_t length,
                    wire::WritePurpose purpose = wire::WritePurpose::fill) const {
        return {.cookie = cookie,
                .purpose = purpose,
                .generation = opened.generation,
                .start = start,
                .length = length};
    }
    wire::Reply prepare(std::uint64_t start, std::uint64_t length,
                        wire::WritePurpose purpose = wire::WritePurpose::fill) {
        return client.ask(prepare_request(start, length, purpose));
    }
    wire::PrepareWriteReply granted(std::uint64_t start, std::uint64_t length,
                                    wire::WritePurpose purpose = wire::WritePurpose::fill) {
        const wire::Reply reply = prepare(start, length, purpose);
        REQUIRE(reply.error == 0);
        return std::get<wire::PrepareWriteReply>(reply.body);
    }
    /// The beginning of it.
    void commit(const wire::PrepareWriteReply& grant, std::uint64_t length) {
        CHECK(client.error(wire::CommitWrite{
                  .grant = grant.grant, .start = grant.start, .length = length}) == 0);
    }
    void store(std::uint64_t start, std::uint64_t length) {
        const wire::PrepareWriteReply grant = granted(start, length);
        commit(grant, grant.length);
    }
    [[nodiscard]] std::uint64_t generation() const { return arena.header(opened.slot).generation; }
    void check_ended(Why why) {
        const auto notice = client.notice<wire::FileEnded>();
        REQUIRE(notice);
        CHECK(notice->cookie == cookie);
        CHECK(notice->generation == opened.generation);
        CHECK(notice->why == why);
        CHECK(client.channel->notices.empty());
    }
};

} // namespace

TEST_CASE("a client gets the file, and sees its map") {
    OpenBench bench;
    CHECK(bench.opened.object_size == 4 * block);
    CHECK(bench.opened.capacity >= 4);
    CHECK(bench.generation() == bench.opened.generation);
    CHECK(bench.arena.header(bench.opened.slot).object_size == 4 * block);
    REQUIRE(bench.client.channel->descriptors.size() == 2);
    CHECK(bench.client.channel->descriptors[1].descriptor == bench.file.get());
    CHECK(bench.client.channel->descriptors[1].owner != nullptr);
    const std::optional<wire::FromDaemon> instead =
        wire::parse_from_daemon(bench.client.channel->descriptors[1].otherwise);
    REQUIRE(instead);
    CHECK(std::get<wire::Reply>(*instead).error == ENFILE);

    const wire::OpenReply again = bench.client.open(bench.cookie);
    CHECK(again == bench.opened);
}

TEST_CASE("what is committed is seen, and nothing else") {
    OpenBench bench;
    const wire::PrepareWriteReply grant = bench.granted(block + 5, 10);
    CHECK(grant.start == block); // whole blocks
    CHECK(grant.length == block);
    CHECK(!bench.arena.bit(bench.opened.slot, 1));
    CHECK(bench.client.error(
              wire::CommitWrite{.grant = grant.grant, .start = block, .length = block}) == 0);
    CHECK(bench.arena.bit(bench.opened.slot, 1));
    CHECK(!bench.arena.bit(bench.opened.slot, 0));
    CHECK(!bench.arena.bit(bench.opened.slot, 2));
    CHECK(bench.prepare(block, 10).error == EEXIST);
    CHECK(bench.generation() == bench.opened.generation);
    CHECK(bench.client.error(wire::CommitWrite{.grant = grant.grant}) == EBADF); // used up

    const wire::PrepareWriteReply part = bench.granted(0, 10);
    CHECK(bench.client.error(wire::CommitWrite{.grant = part.grant, .start = 0, .length = 5}) == 0);
    CHECK(!bench.arena.bit(bench.opened.slot, 0));
    const wire::PrepareWriteReply none = bench.granted(0, 10);
    CHECK(bench.client.error(wire::CommitWrite{.grant = none.grant}) == 0);
    const wire::PrepareWriteReply beyond = bench.granted(0, 10);
    CHECK(bench.client.error(
              wire::CommitWrite{.grant = beyond.grant, .start = 0, .length = block + 1}) == EINVAL);
    CHECK(bench.client.error(wire::CommitWrite{.grant = beyond.grant}) == EBADF);
}

TEST_CASE("what is stored and what is refused is counted, by what it is for and why") {
    OpenBench bench(true);
    const netfs::Traffic& traffic = *bench.services.traffic;
    bench.store(0, 1);
    CHECK(traffic.fills.count == 1);
    CHECK(traffic.fills.bytes == block);
    const wire::PrepareWriteReply change = bench.granted(0, 10, wire::WritePurpose::modify);
    bench.commit(change, 10);
    CHECK(traffic.modifications.count == 1);
    CHECK(traffic.modifications.bytes == 10);
    CHECK(bench.prepare(0, 1).error == EEXIST);
    CHECK(traffic.present == 1);
    wire::PrepareWrite stale = bench.prepare_request(block, 1);
    ++stale.generation;
    CHECK(bench.client.error(stale) == ESTALE);
    CHECK(traffic.replaced == 1);
    const wire::PrepareWriteReply given_up = bench.granted(block, 1);
    bench.commit(given_up, 0); // nothing was written
    CHECK(bench.prepare(0, 0).error == EINVAL);
    CHECK(traffic.fills.count == 1);
    CHECK(traffic.no_space == 0);
    CHECK(traffic.limited == 0);
}

TEST_CASE("a write is refused where there is nothing to write to") {
    OpenBench bench;
    CHECK(bench.prepare(4 * block, 1).error == EINVAL);
    CHECK(bench.prepare(0, UINT64_MAX).error == EINVAL);
    CHECK(bench.prepare(UINT64_MAX, 1).error == EINVAL);
    CHECK(bench.prepare(0, 1, wire::WritePurpose::modify).error == EPERM);
    bench.opened.generation += 2;
    CHECK(bench.prepare(0, 1).error == ESTALE);
    bench.opened.generation = 0;
    CHECK(bench.prepare(0, 1).error == ESTALE);
    const std::uint32_t unopened = bench.client.used_cookie(bench.volume, "unopened");
    CHECK(bench.client.error(wire::PrepareWrite{.cookie = unopened, .length = 1}) == ESTALE);
}

TEST_CASE("no room is ENOSPC") {
    OpenBench bench;
    bench.disk.no_space = true;
    CHECK(bench.prepare(0, 1).error == ENOSPC);
    bench.disk.no_space = false;
    CHECK(bench.prepare(0, 1).error == 0);
}

TEST_CASE("invalidation ends the file at once, and Open gives the new one") {
    OpenBench bench;
    bench.store(0, 1);
    const wire::PrepareWriteReply grant = bench.granted(block, 1);
    bench.client.send(wire::Invalidate{.cookie = bench.cookie, .aux = "b", .size = 9});
    CHECK(bench.generation() != bench.opened.generation); // before anything else happens
    bench.executor.run_all();
    bench.check_ended(Why::invalidated);
    CHECK(bench.prepare(block, 1).error == ESTALE);
    CHECK(bench.client.error(
              wire::CommitWrite{.grant = grant.grant, .start = block, .length = block}) == ESTALE);
    const wire::OpenReply next = bench.client.open(bench.cookie);
    CHECK(next.generation != bench.opened.generation);
    CHECK(next.object_size == 9);
    CHECK(!bench.arena.bit(next.slot, 0));
}

TEST_CASE("an Open that an invalidation overtakes gets the new file") {
    SessionBench bench;
    TestClient client(bench);
    const std::uint32_t cookie = client.cookie(client.volume());
    client.send(wire::Use{.cookie = cookie});
    const std::uint32_t open = client.send(wire::Open{.cookie = cookie});
    client.send(wire::Invalidate{.cookie = cookie, .size = 77});
    bench.executor.run_all();
    const std::optional<wire::Reply> reply = client.reply(open);
    REQUIRE(reply);
    REQUIRE(reply->error == 0);
    CHECK(std::get<wire::OpenReply>(reply->body).object_size == 77);
}

TEST_CASE("an idle file ends, and is looked up again at the next use") {
    OpenBench bench;
    CHECK(bench.client.error(wire::Unuse{.cookie = bench.cookie}) == 0);
    CHECK(bench.generation() == bench.opened.generation);
    bench.executor.advance(cache::Lru::default_timeout);
    bench.executor.run_all();
    bench.check_ended(Why::discarded);
    CHECK(bench.generation() != bench.opened.generation);
    CHECK(bench.client.error(wire::Use{.cookie = bench.cookie}) == 0);
    CHECK(bench.client.open(bench.cookie).generation != bench.opened.generation);
}

TEST_CASE("a withdrawal ends the files") {
    OpenBench bench;
    const wire::PrepareWriteReply grant = bench.granted(0, 1);
    bench.withdraw(); // a grant does not hold it up
    CHECK(!bench.client.notice<wire::CacheStateChanged>()->online);
    bench.check_ended(Why::withdrawn);
    CHECK(bench.prepare(0, 1).error == ESTALE);
    CHECK(bench.client.error(wire::Open{.cookie = bench.cookie}) == ENOBUFS);
    CHECK(bench.client.error(
              wire::CommitWrite{.grant = grant.grant, .start = 0, .length = block}) == ESTALE);
}

TEST_CASE("a failed invalidation ends the file for good") {
    OpenBench bench;
    bench.disk.no_invalidation = true;
    CHECK(bench.client.error(wire::Invalidate{.cookie = bench.cookie, .size = 1}) == 0);
    bench.executor.run_all();
    bench.check_ended(Why::invalidated); // what came first
    CHECK(bench.client.error(wire::Open{.cookie = bench.cookie}) == ENOBUFS);
}

TEST_CASE("a relinquished cookie's file ends without a notice, and its grants are void") {
    OpenBench bench;
    const wire::PrepareWriteReply grant = bench.granted(0, 1);
    CHECK(bench.client.error(wire::Unuse{.cookie = bench.cookie}) == 0);
    CHECK(bench.client.error(wire::RelinquishCookie{.cookie = bench.cookie}) == 0);
    CHECK(bench.generation() != bench.opened.generation);
    CHECK(bench.client.channel->notices.empty());
    CHECK(bench.client.error(wire::CommitWrite{.grant = grant.grant}) == EBADF);
}

TEST_CASE("a shrinking file gets a new generation before its reply") {
    OpenBench bench;
    bench.store(0, 4 * block);
    const std::uint32_t serial =
        bench.client.send(wire::Resize{.cookie = bench.cookie, .size = block + 1});
    bench.executor.run_all();
    CHECK(bench.client.reply(serial)->error == 0);
    bench.check_ended(Why::invalidated);
    CHECK(bench.prepare(block, 1).error == ESTALE);
    const wire::OpenReply again = bench.client.open(bench.cookie);
    CHECK(again.slot == bench.opened.slot); // the same file
    CHECK(again.object_size == block + 1);
    CHECK(bench.arena.bit(again.slot, 0));
    CHECK(bench.arena.bit(again.slot, 1)); // whole, as far as the object goes
    CHECK(!bench.arena.bit(again.slot, 2));
}

TEST_CASE("a file that has grown beyond its slot gets a larger one") {
    OpenBench bench;
    bench.store(0, 4 * block);
    const std::uint64_t larger = std::uint64_t{bench.opened.capacity + 1} * block;
    CHECK(bench.client.error(wire::Resize{.cookie = bench.cookie, .size = larger}) == 0);
    CHECK(bench.client.channel->notices.empty()); // all that was there still is
    CHECK(bench.generation() == bench.opened.generation);
    const wire::OpenReply again = bench.client.open(bench.cookie);
    CHECK(again.capacity > bench.opened.capacity);
    CHECK(again.slot != bench.opened.slot);
    CHECK(bench.arena.bit(again.slot, 3));
    CHECK(bench.generation() != bench.opened.generation); // of the old slot
    const std::uint32_t last = bench.opened.capacity;
    bench.opened = again;
    bench.store(larger - 1, 1);
    CHECK(bench.arena.bit(again.slot, last));
}

TEST_CASE("fills that a modification overtakes are void") {
    OpenBench bench(true);
    using wire::WritePurpose;
    const wire::PrepareWriteReply fill = bench.granted(0, 1);
    const wire::PrepareWriteReply apart = bench.granted(block, 1);
    const wire::PrepareWriteReply modify = bench.granted(10, 5, WritePurpose::modify);
    CHECK(modify.start == 10);
    CHECK(modify.length == 5);
    CHECK(bench.prepare(0, 1).error == ESTALE); // while it is under way
    CHECK(bench.client.error(wire::CommitWrite{.grant = fill.grant, .start = 0, .length = block}) ==
          ESTALE);
    CHECK(bench.client.error(
              wire::CommitWrite{.grant = apart.grant, .start = block, .length = block}) == 0);
    CHECK(bench.client.error(wire::CommitWrite{.grant = modify.grant, .start = 10, .length = 5}) ==
          0);
    CHECK(!bench.arena.bit(bench.opened.slot, 0));
    CHECK(bench.arena.bit(bench.opened.slot, 1));
    CHECK(bench.prepare(0, 1).error == 0);
}

TEST_CASE("of two who fill the same block one is refused, until the other is done") {
    OpenBench bench;
    const wire::PrepareWriteReply fill = bench.granted(0, 1);
    CHECK(bench.prepare(5, 1).error == EEXIST);
    CHECK(bench.prepare(0, 4 * block).error == EEXIST);
    const wire::PrepareWriteReply next = bench.granted(block, 1);
    SUBCASE("committed") {
        bench.commit(fill, block);
        CHECK(bench.prepare(5, 1).error == EEXIST); // as it is present
    }
    SUBCASE("committed in part") {
        bench.commit(fill, block - 1);
        CHECK(bench.granted(5, 1).start == 0);
    }
    SUBCASE("given up") {
        bench.commit(fill, 0);
        CHECK(bench.granted(5, 1).start == 0);
    }
    SUBCASE("void") {
        CHECK(bench.client.error(wire::Use{.cookie = bench.cookie, .will_modify = true}) == 0);
        bench.commit(bench.granted(1, 1, wire::WritePurpose::modify), 1);
        CHECK(bench.prepare(5, 1).error == EEXIST); // who has it may write all the same
        CHECK(bench.client.error(wire::CommitWrite{.grant = fill.grant, .length = block}) ==
              ESTALE);
        CHECK(bench.granted(5, 1).start == 0);
    }
    CHECK(bench.prepare(block, 1).error == EEXIST);
    bench.commit(next, 0);
    CHECK(bench.granted(block, 1).start == block);
}

TEST_CASE("who fills what others fill in part gets the blocks before them") {
    OpenBench bench;
    bench.store(0, block);
    const wire::PrepareWriteReply other = bench.granted(3 * block, 1);
    const wire::PrepareWriteReply fill = bench.granted(0, 4 * block);
    CHECK(fill.start == block);
    CHECK(fill.length == 2 * block);
    CHECK(bench.client.error(wire::CommitWrite{
              .grant = fill.grant, .start = block, .length = 3 * block}) == EINVAL);
    CHECK(!bench.arena.bit(bench.opened.slot, 3));
    bench.commit(other, block);
}

TEST_CASE("a block is granted to nobody else while its commit is under way") {
    OpenBench bench;
    const wire::PrepareWriteReply fill = bench.granted(0, 1);
    const std::uint32_t committing =
        bench.client.send(wire::CommitWrite{.grant = fill.grant, .length = block - 1}); // in part
    const std::uint32_t again = bench.client.send(wire::CommitWrite{.grant = fill.grant});
    CHECK(bench.client.reply(again)->error == EBADF);
    const std::uint32_t early = bench.client.send(bench.prepare_request(0, 1));
    while (!bench.client.reply(early)) { // the last first: it overtakes the commit
        REQUIRE(bench.executor.pending() > 0);
        bench.executor.run(bench.executor.pending() - 1);
    }
    CHECK(!bench.client.reply(committing));
    bench.executor.run_all();
    CHECK(bench.client.reply(committing)->error == 0);
    CHECK(bench.prepare(5, 1).error == 0);
}

TEST_CASE("what becomes present while room is asked for is not granted") {
    OpenBench bench;
    std::uint64_t granted = 0;
    const wire::PrepareWriteReply fill = bench.granted(block, 1);
    bool committed = false;
    bench.disk.space_hook = [&] {
        if (!std::exchange(committed, true))
            bench.commit(fill, block);
    };
    SUBCASE("all of it") {
        CHECK(bench.prepare(block, 1).error == EEXIST);
    }
    SUBCASE("the end of it") {
        granted = bench.granted(0, 3 * block).length;
        CHECK(granted == block);
    }
    CHECK(committed);
    CHECK(bench.arena.bit(bench.opened.slot, 1));
}

TEST_CASE("a file that failed in the middle of things is not opened") {
    OpenBench bench;
    bench.model.io_error(bench.cache, "broken");
    CHECK(bench.client.error(wire::Open{.cookie = bench.cookie}) == ENOBUFS);
    CHECK(bench.prepare(0, 1).error == ENOBUFS);
    bench.executor.run_all();
    CHECK(bench.client.notice<wire::CacheStateChanged>());
}
