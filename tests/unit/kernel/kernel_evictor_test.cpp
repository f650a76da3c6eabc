// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/kernel_evictor.hpp"
#include "tests/unit/kernel/fake_device.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;
using cull::Verdict;

namespace {

/// Culls files as the driver does: by name, in the working directory of the calling thread.
int cull_here(const std::string& command) {
    if (!command.starts_with("cull "))
        return EOPNOTSUPP;
    const std::string name = command.substr(5);
    if (unlinkat(AT_FDCWD, name.c_str(), 0) == 0)
        return 0;
    return errno == EISDIR ? EIO : errno;
}

struct Evicting {
    SampleCache cache;
    FakeDevice device;
    Census census{"tag", cache.root()};
    std::vector<index::DirectoryId> changed;
    bool in_step = true;
    KernelEvictor evictor{{*cache.tree, *cache.index, census, cache.clock, cache.log,
                           [this](index::DirectoryId directory) { changed.push_back(directory); },
                           [this] {
                               return in_step;
                           }}};

    Evicting() {
        device.answer = cull_here;
        evictor.use(&device);
    }

    index::Object add(const std::string& volume, const std::string& key, Seconds last_use) {
        cache.add(volume, key, last_use);
        const index::DirectoryId directory{cache.index->add_volume(volume),
                                           SampleCache::fanout(volume, key)};
        cache.index->put(directory, "D" + key, {.bytes = 4096, .last_use = last_use});
        return cache.index->find(directory, "D" + key).value();
    }

    /// In a thread with a working directory of its own, as the daemon does it.
    std::vector<Verdict> evict(const std::vector<index::Object>& victims) {
        std::vector<cull::Outcome> outcomes(victims.size());
        std::thread([&] {
            KernelEvictor::enter_thread();
            evictor.evict(victims, outcomes);
        }).join();
        std::vector<Verdict> verdicts;
        for (const cull::Outcome& outcome : outcomes)
            verdicts.push_back(outcome.verdict);
        return verdicts;
    }
};

} // namespace

TEST_CASE("objects are culled in their directories, with one command for each and no question") {
    Evicting test;
    const std::vector<index::Object> victims{test.add("v", "a", 1'000'000),
                                             test.add("w", "a", 1'000'000)};
    const auto before = std::filesystem::current_path();
    CHECK(test.evict(victims) == std::vector{Verdict::evicted, Verdict::evicted});
    CHECK(test.device.commands == std::vector<std::string>{"cull Da", "cull Da"});
    CHECK(test.evictor.counters().questions == 2);
    CHECK(test.evictor.counters().times.snapshot().within.back() == 2);
    CHECK(test.changed.size() == 2);
    CHECK(std::filesystem::current_path() == before); // the process's own has not moved
}

TEST_CASE("the driver's answers") {
    Evicting test;
    const index::Object victim = test.add("v", "key", 1'000'000);
    struct Case {
        int answer;
        Verdict verdict;
    };
    for (const Case& expected : {Case{EBUSY, Verdict::busy}, Case{ENOENT, Verdict::gone},
                                 Case{ESTALE, Verdict::gone}, Case{ENOMEM, Verdict::failed}}) {
        test.device.answer = [&](const std::string&) {
            return expected.answer;
        };
        CHECK(test.evict({victim}) == std::vector{expected.verdict});
    }
    // EIO is a lost race or something undeletable while the cache lives...
    test.device.answer = [](const std::string& command) {
        return command.empty() ? EOPNOTSUPP : EIO;
    };
    CHECK(test.evict({victim, victim}) == std::vector{Verdict::failed, Verdict::failed});
    // ...and the end of it when it is dead: nothing more is tried.
    test.device.answer = [](const std::string&) {
        return EIO;
    };
    test.device.commands.clear();
    CHECK(test.evict({victim, victim}) == std::vector{Verdict::lost, Verdict::lost});
    CHECK(test.device.commands.size() == 2); // the command and the probe
}

TEST_CASE("an object that was used since goes back to its place") {
    Evicting test;
    const index::Object victim = test.add("v", "key", 1'000'000);
    test.cache.add("v", "key", 1'000'500);
    std::vector<cull::Outcome> outcomes(1);
    std::thread([&] {
        KernelEvictor::enter_thread();
        test.evictor.evict({&victim, 1}, outcomes);
    }).join();
    CHECK(outcomes[0].verdict == Verdict::used);
    CHECK(outcomes[0].last_use == 1'000'500);
    CHECK(test.device.commands.empty());
}

TEST_CASE("nothing is sent from a directory that is not the cache's") {
    Evicting test;
    const index::Object linked = test.add("v", "key", 1'000'000);
    const index::Object missing = test.add("w", "key", 1'000'000);
    const auto volume = test.cache.cache() / "Iv";
    const auto outside = test.cache.root() / "outside";
    std::filesystem::rename(volume, outside);
    std::filesystem::create_directory_symlink(outside, volume);
    std::filesystem::remove_all(test.cache.cache() / "Iw");
    CHECK(test.evict({linked, missing}) == std::vector{Verdict::failed, Verdict::gone});
    CHECK(test.device.commands.empty());
    CHECK(test.cache.log.contains("cannot cull in directory"));
}

TEST_CASE("without a device everything is lost") {
    Evicting test;
    test.evictor.use(nullptr);
    CHECK(test.evict({test.add("v", "key", 1'000'000)}) == std::vector{Verdict::lost});
    CHECK(test.evictor.evict_volume({.key = "v"}) == Verdict::lost);
}

TEST_CASE("a volume goes as a whole, and success is checked") {
    Evicting test;
    test.add("v", "key", 1'000'000);
    test.device.answer = [&](const std::string& command) {
        CHECK(command == "cull Iv");
        std::filesystem::rename(test.cache.cache() / "Iv", test.cache.root() / "graveyard" / "1");
        return 0;
    };
    const auto evict_volume = [&] {
        Verdict verdict{};
        std::thread([&] {
            KernelEvictor::enter_thread();
            verdict = test.evictor.evict_volume({.key = "v"});
        }).join();
        return verdict;
    };
    CHECK(evict_volume() == Verdict::evicted);

    // The driver says success even if its rename failed (command-protocol section 7).
    test.add("v", "key", 1'000'000);
    test.device.answer = [](const std::string& command) {
        return command.empty() ? EOPNOTSUPP : 0;
    };
    CHECK(evict_volume() == Verdict::failed);
    test.device.answer = [](const std::string&) {
        return EBUSY;
    };
    CHECK(evict_volume() == Verdict::busy);

    // The index may not know the youngest object in it.
    test.device.answer = [](const std::string&) {
        return 0;
    };
    test.device.commands.clear();
    test.in_step = false;
    CHECK(evict_volume() == Verdict::busy);
    CHECK(test.device.commands.empty());
}

TEST_CASE("a flood of failures is not a flood of messages") {
    Evicting test;
    const index::Object victim = test.add("v", "key", 1'000'000);
    test.device.answer = [](const std::string& command) {
        return command.empty() ? EOPNOTSUPP : EIO;
    };
    CHECK(test.evict(std::vector<index::Object>(100, victim)).size() == 100);
    CHECK(test.cache.log.lines().size() == 1);
}
