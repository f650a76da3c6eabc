// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/index_keeper.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;
using namespace std::chrono_literals;

namespace {

class FakeFollower final : public Follower {
public:
    std::vector<TreeChange> next;
    bool complete = true;
    std::vector<index::VolumeId> forgotten;

    bool read(std::vector<TreeChange>& changes) override {
        changes.insert(changes.end(), next.begin(), next.end());
        next.clear();
        return complete;
    }
    [[nodiscard]] int descriptor() const override { return -1; }
    void forget(index::VolumeId volume) override { forgotten.push_back(volume); }
};

struct Kept {
    SampleCache cache;
    FakeFollower follower;
    Reconciler reconciler{{*cache.tree, *cache.index, cache.clock, cache.log, 1}};
    IndexKeeper keeper{*cache.tree, *cache.index, &follower, reconciler, cache.clock};
    index::VolumeId volume = cache.index->add_volume("v");

    [[nodiscard]] index::DirectoryId directory(const std::string& key) const {
        return {volume, SampleCache::fanout("v", key)};
    }
    void happened(const std::string& key, TreeChange change) {
        change.directory = directory(key);
        change.name = "D" + key;
        follower.next.push_back(change);
        CHECK(keeper.follow());
    }
    [[nodiscard]] std::optional<index::Object> find(const std::string& key) {
        return cache.index->find(directory(key), "D" + key);
    }
};

/// Nothing can be opened while this lives.
class NoDescriptors final {
public:
    NoDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit before_{};
};

} // namespace

TEST_CASE("a new object counts as used when it gets its name") {
    Kept kept;
    kept.cache.add("v", "key", 1'000'000);
    kept.happened("key", {.appeared = true});
    REQUIRE(kept.find("key"));
    CHECK(kept.find("key")->attributes.last_use == kept.cache.clock.now());
    CHECK(kept.find("key")->attributes.bytes == 4096);
    CHECK(kept.find("key")->attributes.state == index::ObjectState::idle);
}

TEST_CASE("a released object is idle, used until now, and its size is looked at") {
    Kept kept;
    kept.cache.add("v", "key", 1'000'000);
    const auto id = kept.cache.index->put(kept.directory("key"), "Dkey",
                                          {.bytes = 1, .state = index::ObjectState::in_use});
    kept.happened("key", {.released = true});
    CHECK(kept.find("key")->id == id);
    CHECK(kept.find("key")->attributes.state == index::ObjectState::idle);
    CHECK(kept.find("key")->attributes.last_use == kept.cache.clock.now());
    CHECK(kept.find("key")->attributes.bytes == 4096);
}

TEST_CASE("a name is looked at again, whatever the order of its events was") {
    Kept kept;
    kept.cache.index->put(kept.directory("gone"), "Dgone", {});
    kept.happened("gone", {.appeared = true, .vanished = true, .released = true});
    CHECK_FALSE(kept.find("gone"));

    kept.cache.add("v", "back", 1'000'000);
    kept.happened("back", {.appeared = true, .vanished = true});
    CHECK(kept.find("back"));
}

TEST_CASE("our own deletions are not looked at: the culler told the index") {
    Kept kept;
    kept.cache.index->put(kept.directory("key"), "Dkey", {});
    kept.happened("key", {.vanished = true, .ours = true});
    CHECK(kept.find("key"));
    CHECK(kept.keeper.counters().looked_at == 0);
}

TEST_CASE("tmpfiles and foreign names do not enter the index") {
    Kept kept;
    TreeChange change{.released = true};
    change.directory = kept.directory("key");
    change.name = "#270";
    kept.follower.next.push_back(change);
    CHECK(kept.keeper.follow());
    CHECK(kept.cache.index->totals().objects == 0);
}

TEST_CASE("a directory is marked once it has come to rest, and not before") {
    Kept kept;
    const auto path = kept.cache.add("v", "key", 1'000'000);
    const auto touch = [&](Seconds time) {
        const timespec times[2] = {{time, 0}, {time, 0}};
        REQUIRE(utimensat(AT_FDCWD, path.parent_path().c_str(), times, 0) == 0);
    };
    touch(kept.cache.clock.now());
    kept.happened("key", {.appeared = true});
    CHECK(kept.keeper.settle(false) == 1); // too soon after the event
    CHECK_FALSE(kept.cache.index->mark(kept.directory("key")));

    kept.cache.clock.advance(10s);
    CHECK(kept.keeper.follow());
    touch(kept.cache.clock.now() - 1); // changed since, its event is still to come
    CHECK(kept.keeper.settle(false) == 1);
    CHECK_FALSE(kept.cache.index->mark(kept.directory("key")));

    const Seconds quiet = kept.cache.clock.now() - 1;
    kept.cache.clock.advance(10s);
    CHECK(kept.keeper.settle(false) == 1); // that event may still be waiting to be read
    CHECK(kept.keeper.follow());
    kept.cache.clock.advance(10s);
    CHECK(kept.keeper.settle(false) == 0);
    CHECK(kept.cache.index->mark(kept.directory("key")) == quiet * 1'000'000'000);
}

TEST_CASE("at the end every directory is at rest") {
    Kept kept;
    kept.cache.add("v", "key", 1'000'000);
    kept.happened("key", {.appeared = true});
    CHECK(kept.keeper.settle(true) == 0);
    CHECK(kept.cache.index->mark(kept.directory("key")));
}

TEST_CASE("a volume that went away takes its objects with it") {
    Kept kept;
    kept.cache.index->put(kept.directory("key"), "Dkey", {}); // there is no Iv in the tree
    TreeChange change{.place = Place::cache, .vanished = true};
    change.name = "Iv";
    kept.follower.next.push_back(change);
    CHECK(kept.keeper.follow());
    CHECK(kept.cache.index->volumes().empty());
    CHECK(kept.follower.forgotten == std::vector<index::VolumeId>{kept.volume});
}

TEST_CASE("a fan-out directory that was moved in is read") {
    Kept kept;
    kept.cache.add("v", "key", 1'000'000);
    TreeChange change{.place = Place::volume, .appeared = true};
    change.directory = {kept.volume, 0};
    const char digits[] = "0123456789abcdef";
    const std::uint8_t fanout = SampleCache::fanout("v", "key");
    change.name = {'@', digits[fanout >> 4], digits[fanout & 15]};
    kept.follower.next.push_back(change);
    CHECK(kept.keeper.follow());
    CHECK(kept.find("key"));
}

TEST_CASE("lost events are reported to the caller") {
    Kept kept;
    kept.follower.complete = false;
    CHECK_FALSE(kept.keeper.follow());
    CHECK(kept.keeper.counters().overflows == 1);
}

TEST_CASE("what cannot be looked at stays as it was known, and is read when that is possible") {
    Kept kept;
    const std::filesystem::path path = kept.cache.add("v", "key", 1'000'000);
    kept.happened("key", {.appeared = true});
    {
        const NoDescriptors none;
        kept.happened("key", {.vanished = true});
        kept.cache.clock.advance(3s);
        CHECK(kept.keeper.settle(false) == 1);
        kept.cache.clock.advance(3s);
        CHECK(kept.keeper.settle(true) == 1);
    }
    CHECK(kept.find("key"));
    CHECK_FALSE(kept.cache.index->mark(kept.directory("key")));

    std::filesystem::remove(path);
    kept.cache.settle("v");
    kept.cache.clock.advance(3s);
    CHECK(kept.keeper.settle(false) == 0);
    CHECK_FALSE(kept.find("key"));
    CHECK(kept.cache.index->mark(kept.directory("key")));
}

TEST_CASE("a directory that cannot be opened for comparing keeps its objects") {
    Kept kept;
    kept.cache.add("v", "key", 1'000'000);
    kept.happened("key", {.appeared = true});
    ReconcileReport report;
    {
        const NoDescriptors none;
        kept.reconciler.refresh(kept.directory("key"), "v", report);
    }
    CHECK(report.unread == std::vector{kept.directory("key")});
    CHECK(report.removed == 0);
    CHECK(kept.find("key"));
}
