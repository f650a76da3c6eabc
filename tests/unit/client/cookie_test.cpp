// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/netfs/codec.hpp"
#include "tests/unit/client/client_fixture.hpp"

#include <doctest/doctest.h>

#include <cerrno>

namespace cachefiles::tests {
namespace {

namespace netfs = protocol::netfs;
using Type = FakeDaemon::Type;

template<typename Request>
Request last(const FakeDaemon& daemon) {
    const auto requests = daemon.requests();
    REQUIRE(!requests.empty());
    const auto* request = std::get_if<Request>(&requests.back());
    REQUIRE(request != nullptr);
    return *request;
}

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "cookies: acquired with their key, coherency data and size") {
    open();
    const auto request = std::get<netfs::AcquireCookie>(daemon.requests().at(2));
    CHECK(request.key == "key");
    CHECK(request.aux == "v1");
    CHECK(request.size == source.size);
}

TEST_CASE_FIXTURE(ClientFixture, "cookies: wrong arguments, and what is there already") {
    open();
    cachefiles_cookie* other = nullptr;
    CHECK(cachefiles_acquire_cookie(volume, "key", 3, "", 0, 0, &other) == -EEXIST);
    CHECK(other == nullptr);
    daemon.refuse_once(Type::acquire_cookie, EEXIST);
    CHECK(cachefiles_acquire_cookie(volume, "k2", 2, "", 0, 0, &other) == -EEXIST);
    const std::string longer(256, 'k');
    CHECK(cachefiles_acquire_cookie(volume, longer.data(), 256, "", 0, 0, &other) == -EINVAL);
    CHECK(cachefiles_acquire_cookie(volume, "k2", 2, longer.data(), 256, 0, &other) == -EINVAL);
    CHECK(cachefiles_acquire_cookie(volume, "k2", 0, "", 0, 0, &other) == -EINVAL);
    CHECK(cachefiles_acquire_cookie(volume, "k2", 2, "", 0, ~std::uint64_t{0}, &other) == -EINVAL);
    CHECK(cachefiles_acquire_cookie(volume, "k2", 2, longer.data(), 255, 0, &other) == 0);
    CHECK(cachefiles_use(other, 4) == -EINVAL);
    CHECK(cachefiles_unuse(other, nullptr, 0, nullptr) == -EINVAL); // not in use
    CHECK(cachefiles_resize(other, 1) == -EINVAL);                  // likewise
    CHECK(cachefiles_update(other, longer.data(), 256, nullptr) == -EINVAL);
    CHECK(cachefiles_update(other, nullptr, 1, nullptr) == -EINVAL);
    CHECK(cachefiles_invalidate(other, nullptr, 0, 1, 2) == -EINVAL);
    CHECK(cachefiles_modify(cookie, "a", 1, 0) == -EINVAL); // used without MODIFY
    cachefiles_grant grant{};
    CHECK(cachefiles_prepare_write(cookie, nullptr, 0, 1, &grant) == -EINVAL);
    CHECK(cachefiles_prepare_write(cookie, nullptr, 0, 0, &grant) == -EINVAL);
    CHECK(cachefiles_read(cookie, nullptr, 1, ~std::uint64_t{0}) == -EINVAL);
}

TEST_CASE_FIXTURE(ClientFixture, "cookies: a daemon that has no room for more is no cache") {
    daemon.refuse_once(Type::acquire_cookie, EMFILE);
    open();
    while (plan(0, 1).source != CACHEFILES_STORE) {
    }
    CHECK(daemon.count(Type::acquire_cookie) == 2);
}

TEST_CASE_FIXTURE(ClientFixture, "cookies: the program's pointer") {
    open();
    CHECK(cachefiles_data(cookie) == nullptr);
    cachefiles_set_data(cookie, this);
    CHECK(cachefiles_data(cookie) == this);
}

TEST_CASE_FIXTURE(ClientFixture, "use is counted here, and told once") {
    open();
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(daemon.count(Type::use) == 1);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(daemon.count(Type::unuse) == 0);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(daemon.count(Type::unuse) == 1);
    CHECK(daemon.use_of("key")->uses == 0);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == -EINVAL);
}

TEST_CASE_FIXTURE(ClientFixture, "use with MODIFY after one without is told, too") {
    open();
    CHECK(cachefiles_use(cookie, CACHEFILES_MODIFY) == 0);
    CHECK(daemon.use_of("key")->uses == 2);
    CHECK(daemon.use_of("key")->modifies);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    const std::uint64_t size = 7;
    CHECK(cachefiles_unuse(cookie, "v2", 2, &size) == 0);
    CHECK(daemon.use_of("key")->uses == 0);
    const auto unuse = last<netfs::Unuse>(daemon);
    CHECK(unuse.aux == "v2");
    CHECK(unuse.size == 7);
    CHECK(daemon.count(Type::invalidate) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "unuse that is not the last one updates") {
    open();
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(cachefiles_unuse(cookie, "v2", 2, nullptr) == 0);
    const auto update = last<netfs::Update>(daemon);
    CHECK(update.aux == "v2");
    CHECK(!update.size);
}

TEST_CASE_FIXTURE(ClientFixture, "a use that is refused is no cache") {
    daemon.refuse_once(Type::use, EMFILE);
    open();
    CHECK(plan(0, 1).source == CACHEFILES_DOWNLOAD);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(daemon.count(Type::unuse) == 0);
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 1).source == CACHEFILES_STORE);
}

TEST_CASE_FIXTURE(ClientFixture, "after the last unuse nothing is read") {
    open();
    fill();
    CHECK(read(0, 5) == source.content(0, 5));
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(read_error(0, 5) == -ENODATA);
    CHECK(plan(0, 5).source == CACHEFILES_DOWNLOAD);
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 5).source == CACHEFILES_READ);
}

TEST_CASE_FIXTURE(ClientFixture, "update: new coherency data of the same content") {
    open();
    fill();
    CHECK(cachefiles_update(cookie, "v2", 2, nullptr) == 0);
    CHECK(daemon.aux_of("key") == "v2");
    CHECK(plan(0, 5).source == CACHEFILES_READ);
    CHECK(cachefiles_update(cookie, nullptr, 0, nullptr) == 0);
    CHECK(daemon.count(Type::update) == 1);
    CHECK(cachefiles_update(cookie, "", 0, nullptr) == 0); // empty is not "as it was"
    CHECK(daemon.aux_of("key") == "");
}

TEST_CASE_FIXTURE(ClientFixture, "resize: smaller") {
    open(CACHEFILES_MODIFY);
    fill();
    source.size = block + 10;
    CHECK(cachefiles_resize(cookie, source.size) == 0);
    CHECK(plan(0, 10 * block).source == CACHEFILES_READ);
    CHECK(plan(0, 10 * block).length == block);
    CHECK(plan(block, 10 * block).source == CACHEFILES_STORE);
    CHECK(plan(block, 10 * block).length == 10);
    CHECK(daemon.count(Type::invalidate) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "resize: what was not done is an invalidation") {
    open(CACHEFILES_MODIFY);
    fill();
    int error = 0;
    SUBCASE("not cached at this moment") {
        error = ENOBUFS;
    }
    SUBCASE("failed") {
        error = EIO;
    }
    daemon.refuse_once(Type::resize, error);
    CHECK(cachefiles_resize(cookie, source.size - 1) == 0);
    CHECK(read_error(0, 5) == -ENODATA);
    CHECK(plan(0, 5).source == CACHEFILES_STORE);
    CHECK(daemon.count(Type::invalidate) == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "resize beyond what the map has bits for opens the file again") {
    open(CACHEFILES_MODIFY);
    static_cast<void>(plan(0, 1));
    CHECK(daemon.count(Type::open) == 1);
    CHECK(cachefiles_resize(cookie, std::uint64_t{4097} * block) == 0);
    static_cast<void>(plan(0, 1));
    CHECK(daemon.count(Type::open) == 2);
}

TEST_CASE_FIXTURE(ClientFixture, "invalidate: what is cached is void") {
    open();
    fill();
    const struct cachefiles_plan before = plan(0, block);
    ++source.version;
    CHECK(cachefiles_invalidate(cookie, "v2", 2, source.size, 0) == 0);
    CHECK(read_error(0, 5) == -ENODATA);
    CHECK(plan(0, block).source == CACHEFILES_STORE);
    const std::string bytes = source.content(0, block);
    CHECK(cachefiles_store(cookie, &before, bytes.data(), bytes.size(), 0) == -ESTALE);
    CHECK(store(0, block) == static_cast<ssize_t>(block));
    CHECK(read(0, 100) == source.content(0, 100));
    CHECK(daemon.aux_of("key") == "v2");
}

TEST_CASE_FIXTURE(ClientFixture, "invalidate with DIRECT: nothing is cached until the last unuse") {
    open();
    fill();
    CHECK(cachefiles_invalidate(cookie, nullptr, 0, source.size, CACHEFILES_DIRECT) == 0);
    CHECK(last<netfs::Invalidate>(daemon).direct_write);
    CHECK(plan(0, 5).source == CACHEFILES_DOWNLOAD);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 5).source == CACHEFILES_STORE);
}

TEST_CASE_FIXTURE(ClientFixture, "what is told while nothing is cached is told at the last unuse") {
    open();
    CHECK(cachefiles_invalidate(cookie, "v2", 2, 5, CACHEFILES_DIRECT) == 0);
    CHECK(cachefiles_update(cookie, "v3", 2, nullptr) == 0);
    CHECK(cachefiles_resize(cookie, 7) == 0);
    SUBCASE("unuse") {
        CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    }
    SUBCASE("relinquish") {
        cachefiles_relinquish_cookie(cookie, 0);
    }
    CHECK(daemon.count(Type::unuse) == 1);
    for (const FakeDaemon::Request& request : daemon.requests()) {
        if (const auto* unuse = std::get_if<netfs::Unuse>(&request)) {
            CHECK(unuse->aux == "v3");
            CHECK(unuse->size == 7);
        }
    }
}

TEST_CASE_FIXTURE(ClientFixture,
                  "an invalidation that is refused: nothing is served before it is done") {
    open();
    fill();
    daemon.refuse_once(Type::invalidate, EIO);
    CHECK(cachefiles_invalidate(cookie, nullptr, 0, source.size, 0) == 0);
    CHECK(plan(0, 5).source == CACHEFILES_STORE); // it was done before the file was opened again
    CHECK(daemon.count(Type::invalidate) == 2);
    CHECK(read_error(0, 5) == -ENODATA);
}

TEST_CASE_FIXTURE(ClientFixture, "relinquish: in use or not, with and without retire") {
    open(CACHEFILES_MODIFY);
    fill();
    cachefiles_relinquish_cookie(cookie, 0);
    CHECK(!last<netfs::RelinquishCookie>(daemon).retire);
    CHECK(daemon.aux_of("key") == "v1");
    REQUIRE(cachefiles_acquire_cookie(volume, "key", 3, "v1", 2, source.size, &cookie) == 0);
    REQUIRE(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 5).source == CACHEFILES_READ);
    CHECK(read(0, 5) == source.content(0, 5));
    cachefiles_relinquish_cookie(cookie, 1);
    CHECK(last<netfs::RelinquishCookie>(daemon).retire);
    CHECK(!daemon.aux_of("key"));
    cookie = nullptr;
}

TEST_CASE_FIXTURE(ClientFixture, "relinquish: what was changed and not told is dropped") {
    open(CACHEFILES_MODIFY);
    fill();
    bool kept = false;
    SUBCASE("modified") {
        CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
    }
    SUBCASE("resized") {
        CHECK(cachefiles_resize(cookie, source.size + 1) == 0);
    }
    SUBCASE("told before") {
        CHECK(cachefiles_update(cookie, "v2", 2, nullptr) == 0);
        CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
    }
    SUBCASE("told") {
        CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
        CHECK(cachefiles_update(cookie, "v2", 2, nullptr) == 0);
        kept = true;
    }
    SUBCASE("the same, by the last unuse") {
        CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
        CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
        kept = true;
    }
    SUBCASE("and the cookie") { // by close
        CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 5);
        cachefiles_close(connection);
        connection = nullptr;
    }
    if (connection != nullptr) {
        cachefiles_relinquish_cookie(cookie, 0);
        CHECK(last<netfs::RelinquishCookie>(daemon).retire == !kept);
    }
    cookie = nullptr;
    daemon.wait_for(Type::relinquish_cookie, 1);
    CHECK(daemon.aux_of("key").has_value() == kept);
}

TEST_CASE_FIXTURE(ClientFixture, "what did not get there is invalidated before more is told") {
    open(CACHEFILES_MODIFY);
    fill();
    daemon.refuse_once(Type::prepare_write, EMFILE);
    CHECK(cachefiles_modify(cookie, "hello", 5, 0) == 0);
    SUBCASE("by unuse") {
        CHECK(cachefiles_unuse(cookie, "v2", 2, nullptr) == 0);
        CHECK(last<netfs::Unuse>(daemon).aux == "v2");
    }
    SUBCASE("by update") {
        CHECK(cachefiles_update(cookie, "v2", 2, nullptr) == 0);
        CHECK(last<netfs::Update>(daemon).aux == "v2");
    }
    SUBCASE("or nothing is told, where that fails") {
        daemon.refuse_once(Type::invalidate, EIO);
        CHECK(cachefiles_unuse(cookie, "v2", 2, nullptr) == 0);
        CHECK(!last<netfs::Unuse>(daemon).aux);
        cachefiles_relinquish_cookie(cookie, 0);
        cookie = nullptr;
        CHECK(!daemon.aux_of("key"));
        return;
    }
    CHECK(daemon.count(Type::invalidate) == 1);
    cachefiles_relinquish_cookie(cookie, 0);
    REQUIRE(cachefiles_acquire_cookie(volume, "key", 3, "v2", 2, source.size, &cookie) == 0);
    REQUIRE(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 5).source == CACHEFILES_STORE);
}

TEST_CASE_FIXTURE(ClientFixture, "touches are told at the last unuse, and from time to time") {
    SUBCASE("at the last unuse") {
        open();
        fill();
        CHECK(read(0, 5).size() == 5);
        CHECK(read(0, 5).size() == 5);
        CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
        CHECK(daemon.count(Type::touch) == 1);
        CHECK(cachefiles_use(cookie, 0) == 0);
        CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
        CHECK(daemon.count(Type::touch) == 1); // nothing was read
    }
    SUBCASE("from time to time") {
        options.touch_interval = std::chrono::milliseconds(1);
        open();
        fill();
        CHECK(read(0, 5).size() == 5);
        daemon.wait_for(Type::touch, 1);
    }
}

} // namespace cachefiles::tests
