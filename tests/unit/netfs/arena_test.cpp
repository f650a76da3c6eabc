// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/arena.hpp"
#include "daemon/netfs/slot.hpp"
#include "tests/unit/netfs/client_arena.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::daemon::netfs;
using cachefiles::tests::ClientArena;

namespace {

constexpr std::size_t mib = 1 << 20;

std::shared_ptr<Arena> make_arena(std::size_t size = mib,
                                  std::shared_ptr<Quota> quota = std::make_shared<Quota>(mib)) {
    return Arena::make(size, std::move(quota)).value();
}

std::shared_ptr<Slot> begun(const std::shared_ptr<Arena>& arena, std::uint32_t blocks = 100,
                            std::uint64_t size = 100) {
    std::shared_ptr<Slot> slot = arena->slot(blocks).value();
    slot->begin(size);
    return slot;
}

} // namespace

TEST_CASE("a client can read the arena, and do nothing else with it") {
    const std::shared_ptr<Arena> arena = make_arena();
    CHECK(arena->size() == mib);
    const Fd given = arena->open_for_client();
    REQUIRE(given);
    // Even if the client (root, here) opens it anew for writing.
    const Fd writable(open(("/proc/self/fd/" + std::to_string(given.get())).c_str(), O_RDWR));
    for (const int fd : {given.get(), writable.get()}) {
        if (fd < 0)
            continue; // whoever runs the tests is not root
        CHECK(mmap(nullptr, mib, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
        CHECK(pwrite(fd, "x", 1, 0) < 0);
        CHECK(ftruncate(fd, 0) != 0);
        CHECK(ftruncate(fd, 2 * mib) != 0);
        CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) != 0);
        CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) != 0);
        void* const mapped = mmap(nullptr, mib, PROT_READ, MAP_SHARED, fd, 0);
        REQUIRE(mapped != MAP_FAILED);
        CHECK(mprotect(mapped, mib, PROT_READ | PROT_WRITE) != 0);
        munmap(mapped, mib);
    }
    CHECK(fallocate(given.get(), 0, 0, mib) != 0); // would take memory
}

TEST_CASE("a client sees what is set, cleared and resized") {
    const std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    const std::shared_ptr<Slot> slot = begun(arena, 200, 12345);
    CHECK(slot->capacity() >= 200);
    const std::uint64_t generation = slot->generation();
    CHECK(generation != 0);
    CHECK(generation % 2 == 0);
    CHECK(client.header(*slot).generation == generation);
    CHECK(client.header(*slot).object_size == 12345);
    CHECK(client.count(*slot) == 0);

    slot->set(0, 1);
    slot->set(60, 70);
    CHECK(client.bit(*slot, 0));
    CHECK(!client.bit(*slot, 1));
    CHECK(!client.bit(*slot, 59));
    CHECK(client.bit(*slot, 60));
    CHECK(client.bit(*slot, 129));
    CHECK(!client.bit(*slot, 130));
    CHECK(client.count(*slot) == 71);
    CHECK(slot->generation() == generation);

    slot->resized(99);
    CHECK(client.header(*slot).object_size == 99);
    CHECK(slot->generation() == generation);

    slot->clear(64, 64);
    CHECK(client.count(*slot) == 7);
    CHECK(slot->generation() > generation); // what was read under the old one does not count
    CHECK(slot->generation() % 2 == 0);
}

TEST_CASE("blocks beyond the capacity are not shown, whatever their number") {
    const std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    const std::shared_ptr<Slot> slot = begun(arena, 1);
    const std::shared_ptr<Slot> next = begun(arena, 1);
    slot->set(slot->capacity(), 1000);
    slot->set(UINT64_MAX, 1);
    slot->set(1, UINT64_MAX);
    slot->clear(slot->capacity() - 1, UINT64_MAX);
    CHECK(client.count(*slot) == slot->capacity() - 2);
    CHECK(client.count(*next) == 0);
    CHECK(client.header(*next).generation == next->generation());
}

TEST_CASE("an ended slot stays as it is, and its generation never comes again") {
    const std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    std::uint64_t last = 0;
    std::uint64_t offset = 0;
    for (int i = 0; i < 5; ++i) {
        std::shared_ptr<Slot> slot = begun(arena);
        if (i == 0)
            offset = slot->offset();
        CHECK(slot->offset() == offset); // used again
        CHECK(slot->generation() > last);
        CHECK(client.count(*slot) == 0);
        CHECK(client.header(*slot).object_size == 100);
        last = slot->generation();
        slot->set(3, 5);
        slot->end();
        CHECK(slot->generation() == 0);
        CHECK(client.header(*slot).generation == last + 1);
        slot->end();
        slot->set(0, 100);
        slot->clear(0, 100);
        slot->resized(7);
        CHECK(client.header(*slot).generation == last + 1);
        CHECK(client.count(*slot) == 5);
        CHECK(client.header(*slot).object_size == 100);
    }
}

TEST_CASE("a slot that was let go of without its end has ended") {
    const std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    std::shared_ptr<Slot> slot = begun(arena);
    const std::uint64_t offset = slot->offset();
    const std::uint64_t generation = slot->generation();
    slot.reset();
    CHECK(client.header(offset).generation == generation + 1);
}

TEST_CASE("slots do not overlap, of whatever size") {
    const std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    std::vector<std::shared_ptr<Slot>> slots;
    for (const std::uint32_t blocks : {1U, 512U, 513U, 4096U, 100'000U, 0U, 3U, 1536U, 1537U}) {
        slots.push_back(begun(arena, blocks));
        CHECK(slots.back()->capacity() >= blocks);
        CHECK(slots.back()->offset() % protocol::netfs::slot_alignment == 0);
    }
    for (const std::shared_ptr<Slot>& slot : slots) {
        slot->set(0, slot->capacity());
        for (const std::shared_ptr<Slot>& other : slots) {
            CHECK(client.count(*other) == (other == slot ? slot->capacity() : 0));
            CHECK(client.header(*other).generation == other->generation());
        }
        slot->clear(0, slot->capacity());
    }
}

TEST_CASE("a full arena refuses, and takes what is given back") {
    const auto quota = std::make_shared<Quota>(mib);
    const std::shared_ptr<Arena> arena = make_arena(2 * Arena::step, quota);
    std::vector<std::shared_ptr<Slot>> slots;
    for (;;) {
        const auto slot = arena->slot(512);
        if (!slot) {
            CHECK(slot.error() == EMFILE);
            break;
        }
        slots.push_back(*slot);
    }
    CHECK(slots.size() == 2 * Arena::step / 128);
    CHECK(arena->slot(UINT32_MAX).error() == EMFILE);
    slots.pop_back();
    CHECK(arena->slot(100));
}

TEST_CASE("the memory counts from its first use to the end of the arena") {
    const auto total = std::make_shared<Quota>(3 * Arena::step);
    const auto mine = std::make_shared<Quota>(mib, total);
    const auto other = std::make_shared<Quota>(mib, total);
    {
        const std::shared_ptr<Arena> arena = make_arena(mib, mine);
        CHECK(mine->used() == 0);
        std::shared_ptr<Slot> slot = begun(arena, 1);
        CHECK(mine->used() == Arena::step);
        slot.reset();
        CHECK(mine->used() == Arena::step);
        slot = begun(arena, 600'000); // 128 KiB
        CHECK(mine->used() == 3 * Arena::step);
        const std::shared_ptr<Arena> second = make_arena(mib, other);
        CHECK(second->slot(1).error() == ENFILE);
    }
    CHECK(total->used() == 0);
}

TEST_CASE("a slot outlives its arena's owner") {
    std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    const std::shared_ptr<Slot> slot = begun(arena);
    arena.reset();
    slot->set(0, 10);
    CHECK(client.count(*slot) == 10);
}

TEST_CASE("a reader that keeps to the rules never takes old data for new") {
    const std::shared_ptr<Arena> arena = make_arena();
    const ClientArena client(*arena);
    const std::shared_ptr<Slot> slot = begun(arena);
    std::atomic<std::uint64_t> data{0}; // the file: the generation under which it was written
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    /// Whether there was a read that counts.
    const auto read = [&] {
        const protocol::netfs::SlotHeader& header = client.header(*slot);
        const std::uint64_t generation = header.generation.load(std::memory_order_acquire);
        if (generation % 2 != 0 || !client.bit(*slot, 5))
            return false;
        const std::uint64_t found = data.load(std::memory_order_acquire);
        if (header.generation.load(std::memory_order_relaxed) != generation)
            return false;
        wrong += found != generation ? 1 : 0;
        return true;
    };
    std::thread reader([&] {
        while (!done)
            static_cast<void>(read());
    });
    for (int i = 0; i < 20'000; ++i) {
        data.store(slot->generation(), std::memory_order_release);
        slot->set(5, 1);
        slot->clear(0, 10);
        data.store(UINT64_MAX, std::memory_order_release);
    }
    done = true;
    reader.join();
    CHECK(wrong == 0);
    data = slot->generation();
    slot->set(5, 1);
    CHECK(read());
    CHECK(wrong == 0);
}
