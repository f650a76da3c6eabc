// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/model_bench.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace cachefiles;
using namespace cachefiles::tests;
using cache::Want;

namespace {

constexpr std::uint64_t block = cache::Content::block_size;

/// A cookie in use, and its file with everything present.
struct Used {
    explicit Used(ModelBench& bench, bool modify = false)
        : cookie(bench.cookie(bench.volume(), "k", "a", 2 * block)) {
        bench.use(cookie, modify);
        const cache::OperationPtr operation = bench.begun(cookie);
        file = bench.model.file(operation);
        REQUIRE(file);
        bench.model.end_operation(operation);
        bench.executor.run_all();
        (void)file->content().written({0, 2 * block});
    }
    bool ended() const { return file->content().ended(); }

    cache::CookiePtr cookie;
    std::shared_ptr<cache::BackendFile> file;
};

} // namespace

TEST_SUITE_BEGIN("cache::Model files");

TEST_CASE("an invalidation ends the file at once, before the backend is asked") {
    ModelBench bench;
    const Used used(bench);
    bench.invalidate(used.cookie);
    CHECK(used.ended());
    CHECK(bench.called("invalidate k") == 0);
    bench.executor.run_all();
    const auto file = bench.model.file(bench.begun(used.cookie));
    REQUIRE(file);
    CHECK_FALSE(file->content().ended());
    CHECK_FALSE(file->content().first_data({0, 2 * block}));
}

TEST_CASE("an invalidation that a dead cache refuses ends the file as well") {
    ModelBench bench;
    const Used used(bench);
    bench.model.io_error(bench.cache, "test");
    bench.invalidate(used.cookie);
    CHECK(used.ended());
}

TEST_CASE("the file has ended before its object is let go of, whatever the reason") {
    ModelBench bench;
    const Used used(bench);
    bool ended_first = false;
    bench.disk.hook = [&](const std::string& call) {
        if (call.starts_with("commit k") || call.starts_with("retire k"))
            ended_first = used.ended();
    };
    SUBCASE("discarded") {
        bench.unuse(used.cookie);
        CHECK_FALSE(used.ended());
        bench.expire();
    }
    SUBCASE("withdrawn") {
        bench.withdraw();
    }
    SUBCASE("relinquished") {
        bench.unuse(used.cookie);
        bench.relinquish(used.cookie);
    }
    SUBCASE("retired") {
        bench.unuse(used.cookie);
        bench.relinquish(used.cookie, true);
    }
    CHECK(ended_first);
    CHECK(used.ended());
}

TEST_CASE("a failed invalidation leaves no file that lives") {
    ModelBench bench;
    const Used used(bench);
    bench.disk.no_invalidation = true;
    bench.invalidate(used.cookie);
    bench.executor.run_all();
    CHECK(bench.state(used.cookie) == 'F');
    CHECK(used.ended());
    CHECK(bench.refused(used.cookie));
}

TEST_CASE("a resize takes blocks away before the backend is asked") {
    ModelBench bench;
    const Used used(bench);
    bool taken_away = false;
    bench.disk.hook = [&](const std::string& call) {
        if (call.starts_with("resize k"))
            taken_away = !used.file->content().first_data({block, block});
    };
    bench.model.resize(used.cookie, block, [](bool) {});
    bench.executor.run_all();
    CHECK(taken_away);
    CHECK(used.file->content().holds({0, block}));
    CHECK(used.file->content().object_size() == block);
}

TEST_CASE("an update of the size reaches the content; if blocks go the object is marked") {
    ModelBench bench;
    bench.put("k", "a", 2 * block);
    const Used used(bench);
    bench.model.update(used.cookie, {}, 3 * block);
    bench.executor.run_all();
    CHECK(used.file->content().object_size() == 3 * block);
    CHECK(bench.called("prepare k") == 0);
    bench.model.update(used.cookie, {}, block + 1);
    bench.executor.run_all();
    CHECK(bench.called("prepare k") == 0);
    CHECK(bench.model.unuse(used.cookie, {}, block + 2) == std::errc{});
    bench.executor.run_all();
    CHECK(bench.called("prepare k") == 1);
    CHECK_FALSE(used.file->content().first_data({block, block}));
}

TEST_CASE("a size that changes during lookup or invalidation is the new file's") {
    for (const std::string during : {"look_up k", "create k", "invalidate k"}) {
        CAPTURE(during);
        ModelBench bench;
        const auto cookie = bench.cookie(bench.volume(), "k", "a", 100);
        bench.disk.hook = [&](const std::string& call) {
            if (call == during)
                bench.model.update(cookie, {}, 200);
        };
        bench.use(cookie);
        bench.invalidate(cookie, "b", 100);
        bench.executor.run_all();
        const auto file = bench.model.file(bench.begun(cookie));
        REQUIRE(file);
        CHECK(file->content().object_size() == (during == "invalidate k" ? 200 : 100));
    }
}

TEST_CASE("driver defect: a write waits until the mark of a modifying use is on the disk") {
    ModelBench bench;
    bench.put("k", "a", 2 * block);
    const Used used(bench);
    CHECK_FALSE(bench.model.may_modify(used.cookie));
    const cache::OperationPtr operation = bench.begun(used.cookie);
    REQUIRE(bench.model.file(operation));
    CHECK(bench.model.use(used.cookie, true) == std::errc{});
    CHECK(bench.model.may_modify(used.cookie));
    const auto ready = bench.wait(operation, Want::write);
    const auto read = bench.wait(operation, Want::read);
    bool waited = false;
    bench.disk.hook = [&](const std::string& call) {
        if (call != "prepare k")
            return;
        const auto later = bench.wait(operation, Want::write); // in the middle of it
        while (bench.executor.pending() != 0)
            bench.executor.run();
        waited = !*ready && !*later && *read == true;
    };
    bench.executor.run_all();
    CHECK(waited);
    CHECK(*ready == true);
    bench.model.end_operation(operation);
}

TEST_CASE("a write that waits for the mark when its file is invalidated does not get it") {
    ModelBench bench;
    bench.put("k", "a", 2 * block);
    const Used used(bench);
    const cache::OperationPtr operation = bench.begun(used.cookie);
    std::shared_ptr<std::optional<bool>> ready;
    bench.disk.hook = [&](const std::string& call) {
        if (call != "prepare k")
            return;
        ready = bench.wait(operation, Want::write);
        bench.invalidate(used.cookie, "b");
    };
    bench.use(used.cookie, true);
    REQUIRE(ready);
    CHECK(*ready == false);
    bench.model.end_operation(operation);
}

TEST_CASE("a new object has no mark to wait for") {
    ModelBench bench;
    const Used used(bench);
    const cache::OperationPtr operation = bench.begun(used.cookie);
    CHECK(bench.model.use(used.cookie, true) == std::errc{});
    const auto ready = bench.wait(operation, Want::write);
    bench.executor.run_all();
    CHECK(*ready == true);
    bench.model.end_operation(operation);
}

TEST_SUITE_END();
