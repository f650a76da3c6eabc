// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/model_bench.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::tests;
using cache::Want;

namespace {

const FakeDisk::Content* content(const ModelBench& bench, const cache::OperationPtr& operation) {
    const auto file = bench.model.file(operation);
    return file ? static_cast<const FakeFile&>(*file).data.get() : nullptr;
}

} // namespace

TEST_SUITE_BEGIN("cache::Model operations");

TEST_CASE("begin waits for the lookup, and has the file that was found") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.use(cookie, false) == std::errc{});
    const ModelBench::Begun begun = bench.begin(cookie);
    CHECK_FALSE(*begun);
    CHECK(bench.entry(cookie).accesses == 2);
    bench.executor.run_all();
    const cache::OperationPtr operation = begun->value().value();
    CHECK(content(bench, operation)->version == 1);
    CHECK(bench.entry(cookie).accesses == 1);
    bench.model.end_operation(operation);
    bench.model.end_operation(operation);
    CHECK(bench.entry(cookie).accesses == 0);
}

TEST_CASE("begin during creation is for the parameters; the file comes with waiting") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    ModelBench::Begun begun;
    std::shared_ptr<std::optional<bool>> params;
    std::shared_ptr<std::optional<bool>> write;
    bench.disk.hook = [&](const std::string& call) {
        if (call != "create k")
            return;
        begun = bench.begin(cookie);
        bench.executor.run_all();
        params = bench.wait(begun->value().value(), Want::params);
        write = bench.wait(begun->value().value(), Want::write);
        bench.executor.run_all();
        CHECK(params->value());
        CHECK_FALSE(*write);
    };
    bench.use(cookie);
    CHECK(write->value());
    CHECK(content(bench, begun->value().value()) != nullptr);
    bench.model.end_operation(begun->value().value());
}

TEST_CASE("who waits for the lookup goes on as soon as nothing was found") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.use(cookie, false) == std::errc{});
    const ModelBench::Begun begun = bench.begin(cookie);
    bench.disk.hook = [&](const std::string& call) {
        if (call == "look_up k")
            CHECK_FALSE(*begun);
        if (call != "create k")
            return;
        bench.executor.run_all();
        CHECK(*begun);
    };
    bench.executor.run_all();
    bench.model.end_operation(begun->value().value());
}

TEST_CASE("an operation for whose end a withdrawal waits can do nothing more") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    const cache::OperationPtr operation = bench.begun(cookie);
    CHECK(bench.model.withdraw_cache(bench.cache, {}));
    bench.executor.run_all();
    CHECK(bench.model.file(operation) != nullptr);
    const auto read = bench.wait(operation, Want::read);
    bench.executor.run_all();
    CHECK_FALSE(read->value());
    bench.model.end_operation(operation);
    bench.executor.run_all();
    CHECK(bench.state(cookie) == '-');
}

TEST_CASE("an operation that ends while it waits is told so") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.disk.hook = [&](const std::string& call) {
        if (call != "create k")
            return;
        const ModelBench::Begun begun = bench.begin(cookie);
        bench.executor.run_all();
        const auto waited = bench.wait(begun->value().value(), Want::write);
        bench.model.end_operation(begun->value().value());
        bench.executor.run_all();
        CHECK(waited->value() == false);
        CHECK(bench.wait(begun->value().value(), Want::write) != nullptr);
    };
    bench.use(cookie);
    CHECK(bench.entry(cookie).accesses == 0);
}

TEST_CASE("a long wait is reported once, and goes on") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.use(cookie, false) == std::errc{});
    const ModelBench::Begun first = bench.begin(cookie);
    bench.disk.hook = [&](const std::string& call) {
        if (call != "look_up k")
            return;
        bench.executor.advance(cache::Model::long_wait);
        bench.executor.run_all();
        CHECK(bench.log.lines().size() == 1);
        bench.executor.advance(cache::Model::long_wait);
        bench.executor.run_all();
        CHECK(bench.log.lines().size() == 1);
    };
    bench.executor.run_all();
    CHECK(first->value());
    bench.model.end_operation(first->value().value());
}

TEST_CASE("reads from before an invalidation are void, those from after see the new file") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    const cache::OperationPtr before = bench.begun(cookie);
    bench.invalidate(cookie);
    const ModelBench::Begun during = bench.begin(cookie);
    bench.executor.run_all();
    const cache::OperationPtr after = during->value().value();
    CHECK_FALSE(bench.model.current(before));
    CHECK(content(bench, before)->version == 1);
    CHECK(content(bench, before)->detached);
    CHECK(bench.model.current(after));
    CHECK(content(bench, after)->version == 0);
    bench.model.end_operation(before);
    bench.model.end_operation(after);
}

TEST_CASE("what was begun before an invalidation and has no file gets none") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    ModelBench::Begun begun;
    std::shared_ptr<std::optional<bool>> write;
    bench.disk.hook = [&](const std::string& call) {
        if (call != "create k")
            return;
        begun = bench.begin(cookie);
        bench.executor.run_all();
        write = bench.wait(begun->value().value(), Want::write);
        bench.invalidate(cookie);
    };
    bench.use(cookie);
    CHECK(bench.states == "LCA"); // the file is new anyway
    CHECK(write->value() == false);
    CHECK(content(bench, begun->value().value()) == nullptr);
    bench.model.end_operation(begun->value().value());
}

TEST_CASE("an invalidation in the middle of another only counts") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    ModelBench::Begun during;
    bench.disk.hook = [&](const std::string& call) {
        if (call != "invalidate k")
            return;
        during = bench.begin(cookie);
        bench.invalidate(cookie, "c", 3);
    };
    bench.invalidate(cookie, "b", 2);
    bench.executor.run_all();
    CHECK(cookie->invalidations == 2);
    CHECK(bench.called("invalidate k") == 1);
    CHECK_FALSE(bench.model.current(during->value().value()));
    CHECK(content(bench, during->value().value()) == nullptr);
    bench.model.end_operation(during->value().value());
    bench.unuse(cookie);
    bench.expire();
    CHECK(bench.disk.files.at({"v", "k"}).coherency == cache::Coherency{"c", 3});
}

TEST_CASE("a failed invalidation is never committed") {
    for (const bool withdrawn : {false, true}) {
        ModelBench bench;
        bench.put("k", "aa");
        const auto volume = bench.volume();
        const auto cookie = bench.cookie(volume, "k", "aa");
        bench.use(cookie);
        bench.disk.no_invalidation = true;
        bench.invalidate(cookie, "bb");
        bench.executor.run_all();
        CHECK(bench.state(cookie) == 'F');
        CHECK(bench.refused(cookie));
        CHECK(bench.model.unuse(cookie, "bb", 0) == std::errc{});
        if (withdrawn)
            CHECK(bench.withdraw());
        bench.relinquish(cookie);
        CHECK(bench.disk.files.empty());
        CHECK(bench.called("retire k bb") == 1);
    }
}

TEST_CASE("an invalidation that a dead cache refuses is not committed either") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.model.io_error(bench.cache, "test");
    bench.invalidate(cookie, "b");
    CHECK(bench.withdraw());
    CHECK(bench.states == "LAW-");
    CHECK(bench.disk.files.empty());
}

TEST_CASE("a quiescent invalidation takes effect at the next lookup") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    bench.invalidate(cookie);
    CHECK(bench.state(cookie) == '-');
    bench.use(cookie);
    CHECK(bench.states == "LIA");
    const cache::OperationPtr operation = bench.begun(cookie);
    CHECK(content(bench, operation)->version == 0);
    bench.model.end_operation(operation);
}

TEST_CASE("a quiescent invalidation holds for the cookie after it") {
    ModelBench bench;
    bench.put();
    const auto volume = bench.volume();
    SUBCASE("its object is removed when the cookie goes") {
        const auto cookie = bench.cookie(volume);
        bench.invalidate(cookie);
        bench.relinquish(cookie);
        CHECK(bench.disk.files.empty());
        CHECK(bench.model.caches().at(0).objects == 0);
    }
    SUBCASE("or the cookie that waits for its end knows") {
        const auto cookie = bench.cookie(volume);
        CHECK(bench.withdraw());
        bench.invalidate(cookie);
        CHECK(bench.model.relinquish_cookie(cookie, false) == std::errc{});
        const auto next = bench.cookie(volume);
        bench.bind();
        bench.states.clear();
        bench.use(next);
        CHECK(bench.states == "LIA");
    }
    SUBCASE("or it is remembered, if the cache is not there") {
        const auto cookie = bench.cookie(volume);
        CHECK(bench.withdraw());
        bench.invalidate(cookie);
        bench.relinquish(cookie);
        CHECK(bench.disk.files.size() == 1);
        bench.bind();
        bench.states.clear();
        const auto next = bench.cookie(volume);
        bench.use(next);
        CHECK(bench.states == "LIA");
    }
}

TEST_CASE("retired while nothing was attached: removed all the same") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.expire();
    CHECK(bench.disk.files.size() == 1);
    bench.relinquish(cookie, true);
    CHECK(bench.states == "LCAU-RD");
    CHECK(bench.disk.files.empty());
}

TEST_CASE("retired while it is being discarded") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.disk.hook = [&](const std::string& call) {
        if (call == "commit k a")
            CHECK(bench.model.relinquish_cookie(cookie, true) == std::errc{});
    };
    bench.expire();
    CHECK(bench.disk.files.empty());
}

TEST_CASE("HAVE_DATA is set by what was written, and ends NO_DATA with the page") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    const cache::OperationPtr operation = bench.begun(cookie);
    bench.model.note_write(operation, false);
    CHECK(bench.flags(cookie) == 0x413c);
    bench.model.note_page_release(cookie);
    CHECK(bench.flags(cookie) == 0x413c);
    bench.model.note_write(operation, true);
    CHECK(bench.flags(cookie) == 0x613c);
    bench.model.note_page_release(cookie);
    CHECK(bench.flags(cookie) == 0x6134);
    bench.model.note_read(operation);
    CHECK(bench.model.counters().writes == 2);
    CHECK(bench.model.counters().reads == 1);
    bench.model.end_operation(operation);
}

TEST_CASE("resize: by the worker, with both sizes") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume(), "k", "a", 10);
    std::vector<bool> answers;
    const auto answer = [&](bool done) {
        answers.push_back(done);
    };
    bench.model.resize(cookie, 5, answer); // not cached
    bench.executor.run_all();
    CHECK(bench.model.use(cookie, true) == std::errc{});
    bench.model.resize(cookie, 4, answer);
    bench.model.resize(cookie, 8, answer);
    bench.executor.run_all();
    CHECK(answers == std::vector{false, true, true});
    CHECK(bench.called("resize k 10 4") == 1);
    CHECK(bench.called("resize k 4 8") == 1);
    CHECK(cookie->coherency.object_size == 8);
    CHECK(bench.model.counters().resizes == 2);
    CHECK(bench.model.counters().resizes_skipped == 1);
    CHECK(bench.entry(cookie).accesses == 0);
}

TEST_CASE("resize that an invalidation overtakes is void") {
    for (const bool fails : {false, true}) {
        ModelBench bench;
        const auto cookie = bench.cookie(bench.volume(), "k", "a", 10);
        bench.use(cookie);
        bench.disk.no_invalidation = fails;
        std::optional<bool> resized;
        bench.model.resize(cookie, 5, [&](bool done) { resized = done; });
        bench.invalidate(cookie, "b", 20);
        bench.executor.run_all();
        CHECK(resized == false);
        CHECK(cookie->coherency.object_size == 20);
        CHECK(bench.entry(cookie).accesses == 0);
    }
}

TEST_CASE("a dead cache refuses what begins and what waits") {
    ModelBench bench;
    const auto volume = bench.volume();
    const auto cookie = bench.cookie(volume);
    const auto other = bench.cookie(volume, "other");
    CHECK(bench.model.use(cookie, false) == std::errc{});
    const ModelBench::Begun begun = bench.begin(cookie);
    bench.model.io_error(bench.cache, "test");
    bench.model.io_error(bench.cache, "again");
    CHECK(static_cast<char>(bench.model.caches().at(0).state) == 'E');
    CHECK(bench.log.lines().size() == 1);
    bench.executor.run_all();
    CHECK(begun->value() == std::unexpected(std::errc::no_buffer_space));
    bench.use(other);
    CHECK(bench.state(other) == '-');
    CHECK(bench.state(cookie) == 'A'); // sits there until the withdrawal
    CHECK(bench.withdraw());
    CHECK(bench.state(cookie) == '-');
}

TEST_SUITE_END();
