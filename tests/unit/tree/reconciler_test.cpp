// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/reconciler.hpp"
#include "protocol/fanout_name.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <fstream>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

ReconcileReport reconcile(SampleCache& cache, unsigned threads = 2) {
    Reconciler reconciler({*cache.tree, *cache.index, cache.clock, cache.log, threads});
    return reconciler.run([] { return true; });
}

std::optional<index::Object> find(SampleCache& cache, const std::string& volume,
                                  const std::string& key, const std::string& name) {
    const index::VolumeId id = cache.index->add_volume(volume);
    return cache.index->find(index::DirectoryId{id, SampleCache::fanout(volume, key)}, name);
}

} // namespace

TEST_CASE("an empty index takes in the whole tree") {
    SampleCache cache;
    for (int i = 0; i < 500; ++i)
        cache.add(i % 2 == 0 ? "v1" : "v2", "key" + std::to_string(i), 1'000'000 + i);
    cache.settle("v1");
    cache.settle("v2");
    const ReconcileReport report = reconcile(cache);
    CHECK(report.complete);
    CHECK(report.volumes == 2);
    CHECK(report.objects_read == 500);
    CHECK(cache.index->totals().objects == 500);
    const auto object = find(cache, "v2", "key7", "Dkey7");
    REQUIRE(object);
    CHECK(object->attributes.last_use == 1'000'007);
    CHECK(object->attributes.bytes == 4096);
    index::OldestQuery query;
    query.limit = 1;
    CHECK(cache.index->oldest(query).front().name == "Dkey0");
}

TEST_CASE("what has not changed is not read again") {
    SampleCache cache;
    for (int i = 0; i < 100; ++i)
        cache.add("v", "key" + std::to_string(i), 1'000'000);
    cache.settle("v");
    reconcile(cache);
    const ReconcileReport again = reconcile(cache);
    CHECK(again.directories_read == 0);
    CHECK(again.objects_read == 0);

    cache.add("v", "one more", 1'000'000); // its directory's mtime moves
    const ReconcileReport changed = reconcile(cache);
    CHECK(changed.directories_read == 1);
    CHECK(cache.index->totals().objects == 101);
}

TEST_CASE("a directory that changed a moment ago is read, but not marked") {
    SampleCache cache;
    const auto path = cache.add("v", "key", 1'000'000);
    const Seconds now = cache.clock.now();
    const timespec times[2] = {{now, 0}, {now, 0}};
    utimensat(AT_FDCWD, path.parent_path().c_str(), times, 0);
    const ReconcileReport report = reconcile(cache);
    CHECK(cache.index->totals().objects == 1);
    REQUIRE(report.unsettled.size() == 1);
    CHECK_FALSE(cache.index->mark(report.unsettled.front()));
}

TEST_CASE("what is gone from the tree goes from the index") {
    SampleCache cache;
    const auto first = cache.add("v", "first", 1'000'000);
    const auto second = cache.add("v", "second", 1'000'000);
    cache.add("old volume", "key", 1'000'000);
    reconcile(cache);
    REQUIRE(cache.index->totals().objects == 3);
    std::filesystem::remove(first);                    // an object
    std::filesystem::remove_all(second.parent_path()); // a whole fan-out directory
    std::filesystem::remove_all(cache.cache() / "Iold volume");
    const ReconcileReport report = reconcile(cache);
    CHECK(report.removed == 3);
    CHECK(cache.index->totals().objects == 0);
}

TEST_CASE("what the index knows better stays") {
    SampleCache cache;
    const auto path = cache.add("v", "key", 1'000'000);
    reconcile(cache);
    const auto object = find(cache, "v", "key", "Dkey");
    REQUIRE(object);
    const std::vector<index::ObjectId> ids{object->id};
    cache.index->set_state(ids, index::ObjectState::in_use, 2'000'000);
    cache.index->clear_all_marks();
    reconcile(cache);
    CHECK(find(cache, "v", "key", "Dkey")->attributes.last_use == 2'000'000);
    CHECK(find(cache, "v", "key", "Dkey")->attributes.state == index::ObjectState::in_use);
}

TEST_CASE("foreign things are counted and left alone") {
    SampleCache cache;
    const auto object = cache.add("v", "key", 1'000'000);
    const auto fanout = object.parent_path();
    std::ofstream(fanout / "README") << "mine";
    std::filesystem::create_directory(fanout / "Ddirectory");
    std::filesystem::create_symlink("/etc/passwd", fanout / "Dlink");
    REQUIRE(mkfifo((fanout / "Dfifo").c_str(), 0600) == 0);
    std::ofstream(cache.cache() / "notes") << "mine";
    std::filesystem::create_directory(cache.cache() / "lost+found");
    std::filesystem::create_symlink("/etc", cache.cache() / "Ilink");
    std::filesystem::create_directory(cache.cache() / "Iv" / "@zz");
    const ReconcileReport report = reconcile(cache);
    CHECK(report.foreign.entries == 8);
    CHECK(cache.index->totals().objects == 1);
    CHECK(std::filesystem::exists(fanout / "README"));
    CHECK(std::filesystem::is_symlink(fanout / "Dlink"));
}

TEST_CASE(
    "a volume whose coherency data is missing is found, since the driver refuses it for ever") {
    SampleCache cache;
    cache.add("good", "key", 1'000'000);
    cache.add("bad", "key", 1'000'000);
    const std::string valid(4, '\0');
    if (setxattr((cache.cache() / "Igood").c_str(), "user.CacheFiles.cache", valid.data(),
                 valid.size(), 0) != 0) {
        MESSAGE("skipped: no user xattrs in the temporary directory");
        return;
    }
    const ReconcileReport report = reconcile(cache);
    REQUIRE(report.unusable.size() == 1);
    CHECK(cache.index->volume(report.unusable.front())->key == "bad");
}

TEST_CASE("a run that is told to stop says so, and marks nothing that it did not read") {
    SampleCache cache;
    for (int i = 0; i < 50; ++i)
        cache.add("v", "key" + std::to_string(i), 1'000'000);
    cache.settle("v");
    Reconciler reconciler({*cache.tree, *cache.index, cache.clock, cache.log, 1});
    int allowed = 3;
    const ReconcileReport report = reconciler.run([&] { return allowed-- > 0; });
    CHECK_FALSE(report.complete);
    CHECK(cache.index->marks().size() <= 3);
    reconcile(cache);
    CHECK(cache.index->totals().objects == 50);
}

TEST_CASE("what the index has of an object in use stays, though it has no name yet") {
    SampleCache cache;
    cache.add("v", "made", 1'000'000);
    reconcile(cache);
    const index::DirectoryId directory{cache.index->add_volume("v"),
                                       SampleCache::fanout("v", "new")};
    cache.index->put(directory, "Dnew", {4096, 1'000'000});
    cache.index->clear_all_marks();
    std::vector<std::string> asked;
    Reconciler reconciler(
        {*cache.tree, *cache.index, cache.clock, cache.log, 1, [&asked](const std::string& path) {
             asked.push_back(path);
             return true;
         }});
    CHECK(reconciler.run([] { return true; }).removed == 0);
    CHECK(find(cache, "v", "new", "Dnew"));
    CHECK(asked == std::vector<std::string>{"Iv/" + protocol::format_fanout_name(directory.fanout) +
                                            "/Dnew"});
    CHECK(reconcile(cache).removed == 1); // when nobody says so any more
}

TEST_CASE("what is made while its directory is being read is not lost") {
    SampleCache cache;
    cache.add("v", "old", 1'000'000);
    reconcile(cache);
    cache.index->clear_all_marks();
    const auto path = cache.add("v", "goes", 1'000'000);
    const index::DirectoryId directory{cache.index->add_volume("v"),
                                       SampleCache::fanout("v", "goes")};
    cache.index->put(directory, "Dgoes", {4096, 1'000'000});
    std::filesystem::remove(path);
    // Made again at the last moment: after the directory was found without it.
    Reconciler reconciler(
        {*cache.tree, *cache.index, cache.clock, cache.log, 1, [&cache](const std::string&) {
             cache.add("v", "goes", 2'000'000);
             return false;
         }});
    CHECK(reconciler.run([] { return true; }).removed == 0);
    CHECK(find(cache, "v", "goes", "Dgoes"));
}

TEST_CASE("a volume that the driver cannot name") {
    SampleCache cache;
    const std::string key = "with/slash";
    const std::string name = daemon::CacheTree::volume_name(key);
    CHECK(name.starts_with("J"));
    std::filesystem::create_directories(cache.cache() / name / "@00");
    std::ofstream(cache.cache() / name / "@00" / "Ex000000000000000001") << "x";
    std::ofstream(cache.cache() / name / "@00" / "Ey") << "on its way";
    if (setxattr((cache.cache() / name).c_str(), "user.CacheFiles.key", key.data(), key.size(),
                 0) != 0) {
        MESSAGE("skipped: no user xattrs in the temporary directory");
        return;
    }
    ReconcileReport report = reconcile(cache);
    CHECK(report.foreign.entries == 0);
    REQUIRE(cache.index->volumes().size() == 1);
    CHECK(cache.index->volumes().front().key == key);
    CHECK(cache.index->totals().objects == 1);
    CHECK(reconcile(cache).removed == 0);

    // Whose it is is not told by its name alone.
    setxattr((cache.cache() / name).c_str(), "user.CacheFiles.key", "another", 7, 0);
    report = reconcile(cache);
    CHECK(report.foreign.entries == 1);
}
