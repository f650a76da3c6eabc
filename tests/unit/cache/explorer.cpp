// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/explorer.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace cachefiles::tests {

namespace {

/// fscache-model.md section 2.
bool legal(char from, char to) {
    static const std::map<char, std::string_view> next{
        {'-', "LRD"}, {'L', "CAIF-"}, {'C', "AIF"}, {'A', "IURW"}, {'I', "AF"},
        {'F', "RW"},  {'U', "-"},     {'W', "-"},   {'R', "D"},
    };
    const auto found = next.find(from);
    return found != next.end() && found->second.contains(to);
}

} // namespace

Explorer::Explorer(std::uint64_t seed)
    : random_(seed), model_({executor_, clock_, log_,
                             [this](const cache::Cookie& cookie, protocol::CookieState from) {
                                 changed(cookie, from);
                             }}) {
    for (std::size_t i = 0; i < clients; ++i) // some share a key: they take turns, and collide
        clients_[i].key = "k" + std::to_string(i % 5);
    for (const Client& client : clients_)
        truth_[client.key].size = below(6 * block);
    disk_.hook = [this](const std::string&) {
        during_call();
    };
}

void Explorer::step() {
    if (executor_.pending() != 0 && !one_in(3))
        run_job();
    else
        act();
    check();
}

void Explorer::run_job() {
    executor_.run(below(executor_.pending()));
}

/// As if there were other threads: a client's call, or another job.
void Explorer::during_call() {
    if (depth_ >= 3)
        return;
    ++depth_;
    while (one_in(2)) {
        if (executor_.pending() != 0 && one_in(2))
            run_job();
        else
            act();
    }
    --depth_;
}

void Explorer::act() {
    const std::uint64_t what = below(200);
    if (what < (cache_ && !dead_ ? 1 : 20))
        act_on_cache();
    else if (what < (volume_ ? 2 : 40))
        act_on_volume();
    else if (what < 4)
        fail_something();
    else if (what < 20)
        executor_.advance(std::chrono::milliseconds(below(6'000)));
    else
        act_as(clients_[below(clients)]);
}

void Explorer::act_on_cache() {
    if (!cache_) {
        const auto prepared = model_.prepare_cache("cache");
        if (!prepared)
            return;
        cache_ = *prepared;
        if (one_in(10)) {
            model_.abandon_cache(std::exchange(cache_, nullptr));
            return;
        }
        model_.activate_cache(cache_, std::make_shared<FakeBackend>(disk_));
    } else if (!withdrawing_ && !dead_ && one_in(4)) {
        model_.io_error(cache_, "explored");
        dead_ = true;
    } else if (!withdrawing_) {
        withdrawing_ = model_.withdraw_cache(cache_, [this] {
            withdrawing_ = dead_ = false;
            cache_ = nullptr;
        });
        CHECK(withdrawing_);
    }
}

void Explorer::act_on_volume() {
    if (acquiring_volume_)
        return;
    if (volume_ && one_in(4) &&
        std::ranges::none_of(clients_, [](const Client& it) { return it.acquiring; })) {
        for (Client& client : clients_)
            let_go(client);
        // A mount knows by its coherency data what has changed, or that all has.
        const bool attached = cache_ && !dead_ && !withdrawing_ && disk_.live_volumes != 0;
        const bool invalidate = attached && one_in(2);
        CHECK(model_.relinquish_volume(std::exchange(volume_, nullptr), {}, invalidate) ==
              std::errc{});
        for (auto& [key, truth] : truth_) {
            if (invalidate)
                ++truth.epoch;
            else
                truth.aux = "a" + std::to_string(++last_aux_);
        }
    }
    if (volume_)
        return;
    acquiring_volume_ = true;
    model_.acquire_volume({"v", {}, {}}, [this](auto result) {
        acquiring_volume_ = false;
        REQUIRE(result);
        volume_ = *result;
    });
}

void Explorer::fail_something() {
    disk_.no_volumes = one_in(10);
    disk_.no_lookups = one_in(10);
    disk_.no_creation = one_in(10);
    disk_.no_invalidation = one_in(4);
}

void Explorer::act_as(Client& client) {
    if (client.cookie)
        act_on_cookie(client);
    else if (volume_ && !client.acquiring)
        acquire(client);
}

void Explorer::acquire(Client& client) {
    client.acquiring = true;
    model_.acquire_cookie(volume_, {client.key, {truth_[client.key].aux, truth_[client.key].size}},
                          [this, &client](auto result) {
                              client.acquiring = false;
                              if (!result)
                                  return;
                              client.cookie = *result;
                              model_.update(client.cookie, truth_[client.key].aux, {});
                          });
}

void Explorer::act_on_cookie(Client& client) {
    const cache::CookiePtr& cookie = client.cookie;
    if (one_in(3)) {
        act_on_content(client);
        return;
    }
    switch (below(18)) {
    case 0:
    case 1:
    case 2:
        CHECK(model_.use(cookie, one_in(4)) == std::errc{});
        ++client.uses;
        if (one_in(4)) // while it is looked up
            invalidate(client);
        break;
    case 3:
    case 4:
    case 5:
        if (client.uses != 0) {
            CHECK(model_.unuse(cookie, truth_[client.key].aux, {}) == std::errc{});
            --client.uses;
        }
        break;
    case 6:
    case 7:
        begin(client);
        break;
    case 8:
    case 9:
        if (!client.operations.empty())
            read_or_write(client, client.operations[below(client.operations.size())], one_in(2));
        break;
    case 10:
        if (!client.operations.empty())
            end(client, below(client.operations.size()));
        break;
    case 11:
        invalidate(client);
        break;
    case 12:
        resize(client);
        model_.note_page_release(cookie);
        break;
    case 13:
    case 14:
        if (!client.operations.empty())
            end(client, 0);
        break;
    case 15:
        begin(client);
        break;
    case 16:
        CHECK(model_.use(cookie, one_in(4)) == std::errc{}); // opened and read at once
        ++client.uses;
        begin(client);
        break;
    default:
        close(client);
        if (one_in(3))
            let_go(client);
        break;
    }
}

void Explorer::begin(Client& client) {
    if (client.operations.size() >= 3)
        return;
    const std::uint64_t epoch = truth_[client.key].epoch;
    model_.begin_operation(client.cookie, [this, &client, epoch](auto result) {
        if (!result)
            return;
        const cache::OperationPtr operation = *result;
        if (operation->cookie != client.cookie) { // relinquished meanwhile
            model_.end_operation(operation);
            return;
        }
        client.operations.push_back(operation);
        client.epochs[operation.get()] = epoch;
        if (model_.file(operation))
            read_or_write(client, operation, one_in(2));
        else
            model_.wait(operation, one_in(2) ? cache::Want::read : cache::Want::params,
                        [operation](bool) {});
    });
}

void Explorer::end(Client& client, std::size_t which) {
    const cache::OperationPtr operation = client.operations[which];
    client.operations.erase(client.operations.begin() + static_cast<std::ptrdiff_t>(which));
    client.epochs.erase(operation.get());
    model_.end_operation(operation);
}

/// Half of them without telling by the coherency data: the model must know.
void Explorer::invalidate(Client& client) {
    Truth& truth = truth_[client.key];
    const bool disabled = !model_.enabled(client.cookie);
    if (disabled ||
        one_in(2)) // the network file system's I/O goes past the cache, which is told afterwards
        return;
    ++truth.epoch;
    if (one_in(2))
        truth.aux = "a" + std::to_string(++last_aux_);
    truth.size = below(6 * block);
    model_.invalidate(client.cookie, truth.aux, truth.size, one_in(5));
}

void Explorer::resize(Client& client) {
    if (!client.writes.empty()) // it lets no write overtake it
        return;
    ++client.resizing;
    const std::uint64_t size = below(6 * block);
    model_.resize(client.cookie, size, [this, &client, key = client.key, size](bool done) {
        --client.resizing;
        if (done)
            truth_[key].size = size;
    });
}

void Explorer::let_go(Client& client) {
    if (!client.cookie)
        return;
    close(client);
    CHECK(model_.relinquish_cookie(std::exchange(client.cookie, nullptr), one_in(3)) ==
          std::errc{});
}

void Explorer::close(Client& client) {
    client.open.reset();
    client.writes.clear();
    while (!client.operations.empty())
        end(client, 0);
    for (; client.uses != 0; --client.uses)
        CHECK(model_.unuse(client.cookie, truth_[client.key].aux, {}) == std::errc{});
}

void Explorer::changed(const cache::Cookie& cookie, protocol::CookieState from) {
    const std::pair step{static_cast<char>(from), static_cast<char>(cookie.state)};
    ++transitions_[step];
    if (!legal(step.first, step.second))
        FAIL_CHECK("illegal: " << step.first << step.second);
    switch (cookie.state) {
    case protocol::CookieState::discarding:
    case protocol::CookieState::withdrawing:
    case protocol::CookieState::relinquishing:
        CHECK(cookie.accesses == 0);
        break;
    case protocol::CookieState::dropped:
        CHECK(dropped_.insert(cookie.id).second);
        CHECK(cookie.flags.test(cache::CookieFlag::is_hashed));
        CHECK_FALSE(cookie.has_object);
        break;
    default:
        break;
    }
}

void Explorer::check() {
    CHECK(disk_.offences.empty());
    disk_.offences.clear();
    std::map<std::uint32_t, int> cookies;
    int objects = 0;
    for (const protocol::CookieEntry& entry : model_.cookies()) {
        check_cookie(entry);
        ++cookies[entry.volume];
        objects += std::string_view("ACIUR").contains(static_cast<char>(entry.state)) ? 1 : 0;
    }
    int volumes = 0;
    for (const protocol::VolumeEntry& entry : model_.volumes()) {
        ++volumes;
        CHECK(entry.references >= cookies[entry.id]);
        CHECK(entry.accesses >= 0);
        CHECK(entry.cookies <= cookies[entry.id]);
    }
    for (const protocol::CacheEntry& entry : model_.caches()) {
        CHECK(entry.references >= entry.volumes);
        CHECK(entry.accesses >= 0);
        CHECK(entry.objects >= disk_.live_objects);
        if (static_cast<char>(entry.state) == '-') {
            CHECK(entry.objects == 0);
            CHECK(entry.accesses == 0);
            CHECK(disk_.live_volumes == 0);
        }
    }
    CHECK(objects >= 0);
}

void Explorer::check_cookie(const protocol::CookieEntry& entry) {
    CHECK(entry.users >= 0);
    CHECK(entry.accesses >= 0);
    CHECK(entry.references >= 0);
    const bool dropped = entry.state == protocol::CookieState::dropped;
    CHECK(dropped == ((entry.flags & 0x4000) == 0));
    CHECK(dropped == dropped_.contains(entry.id));
    if (dropped)
        CHECK(entry.accesses == 0);
}

void Explorer::finish() {
    const auto run_all = [this] {
        while (executor_.pending() != 0) {
            run_job();
            check();
        }
    };
    depth_ = 3; // no more of what others could do
    // Operations that are delivered while it ends are ended with their clients.
    for (int round = 0; round < 3; ++round) {
        run_all();
        for (Client& client : clients_)
            let_go(client);
        executor_.advance(cache::Lru::default_timeout);
    }
    run_all();
    CHECK(model_.cookies().empty());
    CHECK(model_.counters().lru_cookies == 0);
    CHECK(disk_.live_objects == 0);
    if (cache_ && !withdrawing_)
        CHECK(model_.withdraw_cache(cache_, {}));
    if (volume_)
        CHECK(model_.relinquish_volume(volume_, {}, false) == std::errc{});
    run_all();
    CHECK(model_.caches().empty());
    CHECK(model_.volumes().empty());
    CHECK(disk_.live_volumes == 0);
    CHECK(disk_.offences.empty());
}

} // namespace cachefiles::tests
