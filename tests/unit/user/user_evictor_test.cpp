// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/user_evictor.hpp"
#include "protocol/fanout_name.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;
using cull::Verdict;

namespace {

class NoEvents final : public cache::BackendEvents {
public:
    void io_error(const std::string&) override {}
};

/// A sample cache, and a store on it.
struct Evicting {
    SampleCache cache;
    NoEvents events;
    std::shared_ptr<cache::store::Store> store =
        std::make_shared<cache::store::Store>(cache::store::Options{.root = cache.root(),
                                                                    .events = events,
                                                                    .log = cache.log,
                                                                    .clock = cache.clock,
                                                                    .stop_limits = {}});
    std::mutex mutex;
    std::set<index::DirectoryId> changed;
    bool in_step = true;
    UserEvictor evictor{{*cache.index, cache.clock, cache.log, 3,
                         [this](index::DirectoryId directory) {
                             const std::lock_guard lock(mutex);
                             changed.insert(directory);
                         },
                         [this] {
                             return in_step;
                         }}};

    Evicting() { evictor.use(store); }

    index::Object add(const std::string& volume, const std::string& key) {
        cache.add(volume, key, 1'000'000);
        const index::DirectoryId directory{cache.index->add_volume(volume),
                                           SampleCache::fanout(volume, key)};
        const index::Attributes attributes{4096, 1'000'000};
        const std::string name = "D" + key;
        return {cache.index->put(directory, name, attributes), name, attributes};
    }

    [[nodiscard]] static std::string path(const std::string& volume, const std::string& key) {
        return "I" + volume + "/" + protocol::format_fanout_name(SampleCache::fanout(volume, key)) +
               "/D" + key;
    }
    [[nodiscard]] bool exists(const std::string& path) const {
        return std::filesystem::exists(cache.cache() / path);
    }

    std::vector<Verdict> evict(std::vector<index::Object> victims) {
        std::ranges::sort(victims, {}, &index::Object::id);
        std::vector<cull::Outcome> outcomes(victims.size());
        evictor.evict(victims, outcomes);
        std::vector<Verdict> verdicts;
        for (const cull::Outcome& outcome : outcomes)
            verdicts.push_back(outcome.verdict);
        return verdicts;
    }
};

} // namespace

TEST_CASE("evictor: what nobody uses is unlinked, what is in use stays") {
    Evicting test;
    const index::Object idle = test.add("v", "idle");
    const index::Object used = test.add("v", "used");
    const auto claim = test.store->in_use().claim(Evicting::path("v", "used"));
    CHECK(test.evict({idle}) == std::vector{Verdict::evicted});
    CHECK_FALSE(test.exists(Evicting::path("v", "idle")));
    CHECK(test.changed.contains(idle.id.directory()));
    test.changed.clear();
    CHECK(test.evict({used}) == std::vector{Verdict::busy});
    CHECK(test.exists(Evicting::path("v", "used")));
    CHECK(test.changed.empty());
    CHECK(test.evict({idle}) == std::vector{Verdict::gone});
    CHECK(test.store->in_use().count() == 1);                  // its own claims are gone
    CHECK(test.evictor.times().snapshot().within.back() == 1); // of the one that was evicted
}

TEST_CASE("evictor: a large batch, in several threads") {
    Evicting test;
    std::vector<index::Object> victims;
    std::vector<std::optional<cache::store::InUse::Claim>> claims;
    for (int i = 0; i < 1000; ++i) {
        victims.push_back(test.add("v", "key" + std::to_string(i)));
        if (i % 10 == 0)
            claims.push_back(
                test.store->in_use().claim(Evicting::path("v", "key" + std::to_string(i))));
    }
    const std::vector<Verdict> verdicts = test.evict(victims);
    CHECK(std::ranges::count(verdicts, Verdict::evicted) == 900);
    CHECK(std::ranges::count(verdicts, Verdict::busy) == 100);
    for (int i = 0; i < 1000; ++i)
        CHECK(test.exists(Evicting::path("v", "key" + std::to_string(i))) == (i % 10 == 0));
}

TEST_CASE("evictor: nothing outside the cache is reached") {
    Evicting test;
    const index::Object linked = test.add("v", "key");
    const auto outside = test.cache.root() / "outside";
    std::filesystem::rename(test.cache.cache() / "Iv", outside);
    std::filesystem::create_directory_symlink(outside, test.cache.cache() / "Iv");
    CHECK(test.evict({linked}) == std::vector{Verdict::gone});
    CHECK(std::filesystem::exists(outside / Evicting::path("v", "key").substr(3)));
}

TEST_CASE("evictor: without a store everything is lost") {
    Evicting test;
    const index::Object victim = test.add("v", "key");
    test.evictor.use(nullptr);
    CHECK(test.evict({victim}) == std::vector{Verdict::lost});
    CHECK(test.evictor.evict_volume({.key = "v"}) == Verdict::lost);
    CHECK_FALSE(test.evictor.in_use());
    CHECK_FALSE(test.evictor.volumes_in_use());
}

TEST_CASE("evictor: a volume goes to the graveyard, and its key is free at once") {
    Evicting test;
    const index::Object old = test.add("v", "key");
    const index::Volume volume = test.cache.index->volume(old.id.volume()).value();
    {
        const auto claim = test.store->in_use().claim("Iv");
        CHECK(test.evictor.evict_volume(volume) == Verdict::busy);
    }
    test.in_step = false; // something younger may be in it
    CHECK(test.evictor.evict_volume(volume) == Verdict::busy);
    test.in_step = true;
    CHECK(test.evictor.evict_volume(volume) == Verdict::evicted);
    CHECK_FALSE(test.exists("Iv"));
    CHECK_FALSE(std::filesystem::is_empty(test.cache.root() / "graveyard"));

    // Made anew before the culler has forgotten the old one.
    const index::Object young = test.add("v", "key");
    CHECK(young.id.volume() != volume.id);
    CHECK(test.cache.index->remove_volume(volume.id).objects == 1);
    CHECK(test.cache.index->find(young.id));
    CHECK(test.cache.index->totals().objects == 1);
}

TEST_CASE("evictor: what is in use is told by its path") {
    Evicting test;
    const index::Object used = test.add("v", "used");
    test.add("w", "idle");
    const auto volume = test.store->in_use().claim("Iv");
    const auto object = test.store->in_use().claim(Evicting::path("v", "used"));
    const auto unknown = test.store->in_use().claim(Evicting::path("v", "not in the index"));
    CHECK(test.evictor.in_use() == std::vector{used.id});
    CHECK(test.evictor.volumes_in_use() == std::vector{used.id.volume()});
}
