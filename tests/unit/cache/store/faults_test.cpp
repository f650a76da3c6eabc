// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/faults.hpp"
#include "tests/unit/cache/store/object_life.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <string>

using namespace cachefiles;
using namespace cachefiles::cache;
using namespace cachefiles::tests;
namespace faults = cachefiles::cache::store::faults;

namespace {

enum class KeyKind { plain, shared, nameless };

std::string key_of(KeyKind kind, unsigned number) {
    switch (kind) {
    case KeyKind::plain:
        return fmt::format("key{}", number);
    case KeyKind::shared: // as short as possible, and with a zero at the end
        return {'\1', static_cast<char>(number), static_cast<char>(number >> 8), '\0'};
    case KeyKind::nameless:
        break;
    }
    return fmt::format("{:0255}", number);
}

/// The life of an object, with every single call failing once. Returns how many there are.
unsigned fail_each_call(unsigned classes, int error, KeyKind kind) {
    StoreBench bench;
    for (unsigned nth = 1;; ++nth) {
        CAPTURE(nth);
        bench.events.clear();
        ObjectLife life(bench, key_of(kind, nth));
        const std::size_t descriptors = open_descriptors();
        faults::fail_nth(classes, error, nth);
        life.run();
        const unsigned failures = faults::clear();
        CHECK(open_descriptors() < descriptors); // the volume's is gone
        CHECK((bench.events.count() > 0) == (failures > 0 && error == EIO));
        life.verify();
        CHECK(bench.files().empty());
        if (failures == 0)
            return nth - 1;
    }
}

} // namespace

TEST_CASE("the disk fails at any one call: nothing wrong is found, nothing is left") {
    NEED_A_STORE();
    CHECK(fail_each_call(faults::every, EIO, KeyKind::plain) > 60);
    CHECK(fail_each_call(faults::every, EIO, KeyKind::shared) > 80);
}

TEST_CASE("one class fails at any one call") {
    NEED_A_STORE();
    for (const faults::Class which : {faults::read, faults::write, faults::remove, faults::flush}) {
        CAPTURE(which);
        CHECK(fail_each_call(which, EIO, KeyKind::nameless) >= 5);
    }
}

TEST_CASE("no room at any one call: the cache lives on") {
    NEED_A_STORE();
    for (const KeyKind kind : {KeyKind::plain, KeyKind::shared, KeyKind::nameless})
        CHECK(fail_each_call(faults::write | faults::flush, ENOSPC, kind) > 20);
}

TEST_CASE("random failures: nothing wrong is found unless the cache said that it is broken") {
    NEED_A_STORE();
    StoreBench bench;
    unsigned failures = 0;
    for (unsigned seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        bench.events.clear();
        ObjectLife life(bench, key_of(static_cast<KeyKind>(seed % 3), seed));
        life.may_leave_temporary = true;
        faults::fail_at_random(faults::every, seed % 2 == 0 ? EIO : ENOSPC, 0.05, seed);
        life.run();
        failures += faults::clear();
        if (!bench.events.contains("cannot invalidate an object"))
            life.verify();
    }
    CHECK(failures > 60);
}

TEST_CASE("a volume whose making fails anywhere is made the next time") {
    NEED_A_STORE();
    StoreBench bench;
    const std::string key(255, 'v'); // with an attribute more
    for (const int error : {EIO, ENOSPC}) {
        unsigned nth = 1;
        for (bool failed = true; failed; nth += nth < 12 || nth > 500 ? 1 : 61) {
            CAPTURE(nth);
            bench.events.clear();
            const std::string each =
                key.substr(0, 250) + fmt::format("{:05}", nth * 2 + (error == EIO));
            const std::size_t descriptors = open_descriptors();
            faults::fail_nth(faults::every, error, nth);
            const bool attached = bench.attach(each, "c") != nullptr;
            failed = faults::clear() > 0;
            CHECK(attached == !failed);
            CHECK((bench.events.count() > 0) == (failed && error == EIO));
            CHECK(open_descriptors() == descriptors);
            CHECK(bench.store->in_use().count() == 0);
            // The driver would never use one without its attribute.
            for (const auto& entry : std::filesystem::directory_iterator(bench.root() / "cache"))
                CHECK(attribute_of(entry.path()) == "0000000063");
            CHECK(bench.attach(each, "c"));
            CHECK(bench.attach(each, "c"));
        }
        CHECK(nth > 500);
    }
}

TEST_CASE("a volume that does not match, when its replacement fails anywhere") {
    NEED_A_STORE();
    StoreBench bench;
    std::string last = "0";
    REQUIRE(bench.attach("v", last));
    for (unsigned nth = 1; nth < 12; ++nth) {
        CAPTURE(nth);
        const std::string next = std::to_string(nth);
        faults::fail_nth(faults::every, EIO, nth);
        CHECK_FALSE(bench.attach("v", next));
        CHECK(faults::clear() == 1);
        CHECK(bench.attach("v", next));
        CHECK(attribute_of(bench.volume_path("Iv"))->substr(0, 8) == "00000000");
    }
}

TEST_CASE("sync") {
    NEED_A_STORE();
    StoreBench bench;
    bench.store->sync();
    CHECK(bench.events.count() == 0);
    faults::fail_nth(faults::flush, EIO, 1);
    bench.store->sync();
    CHECK(faults::clear() == 1);
    CHECK(bench.events.count() == 1);
}
