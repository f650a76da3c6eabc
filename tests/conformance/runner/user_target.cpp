// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/user_target.hpp"

#include "tests/conformance/runner/text.hpp"
#include "tests/conformance/runner/thread_request.hpp"

#include <fmt/format.h>

#include <chrono>
#include <expected>
#include <memory>
#include <system_error>
#include <utility>

namespace cachefiles::conformance {

namespace {

using Contents = std::optional<std::string>;

Reply answer(std::errc error) {
    return error == std::errc() ? "ok" : errno_name(static_cast<int>(error));
}

Contents coherency(const std::string& word) {
    return word == "none" ? std::nullopt : Contents(from_hex(word));
}

std::optional<std::uint64_t> size(const std::string& word) {
    return word == "none" ? std::nullopt : std::optional(parse_number(word));
}

/// A request that was made; its answer comes when it comes.
class Asked final : public Pending {
public:
    explicit Asked(std::future<Reply> reply) : reply_(std::move(reply)) {}
    bool ended() override {
        return reply_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    Reply reply() override { return reply_.get(); }

private:
    std::future<Reply> reply_;
};

} // namespace

UserTarget::UserTarget()
    : model_({.executor = executor_, .clock = clock_, .log = log_}), device_(model_, clock_, log_) {
}

UserTarget::~UserTarget() = default;

Reply UserTarget::execute(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "device")
        return device_.execute(words);
    if (verb == "volume_acquire")
        return acquire_volume(words).get();
    if (verb == "cookie_acquire")
        return acquire_cookie(words).get();
    if (verb == "volume_relinquish")
        return relinquish_volume(words);
    if (verb == "begin")
        return begin(words);
    if (operations_.contains(words.at(1)) &&
        (verb == "read" || verb == "write" || verb.starts_with("prepare_") || verb == "occupancy" ||
         verb == "end"))
        return on_operation(words);
    return on_cookie(words);
}

std::unique_ptr<Pending> UserTarget::start(const Words& words) {
    if (words[0] == "device")
        return std::make_unique<ThreadRequest>([this, words] { return device_.execute(words); });
    if (words[0] == "volume_acquire")
        return std::make_unique<Asked>(acquire_volume(words));
    if (words[0] == "cookie_acquire")
        return std::make_unique<Asked>(acquire_cookie(words));
    throw ScriptError("this cannot be started here: " + words[0]);
}

void UserTarget::settle() {
    executor_.settle();
}

void UserTarget::wait_for_lru() {
    executor_.advance(std::chrono::seconds(11)); // the driver's ten, and the tick after them
    executor_.settle();
}

std::future<Reply> UserTarget::acquire_volume(const Words& words) {
    auto reply = std::make_shared<std::promise<Reply>>();
    const std::string number = words.at(1);
    model_.acquire_volume({.key = from_hex(words.at(2)),
                           .cache = words.at(4) == "-" ? "" : words[4],
                           .coherency = from_hex(words.at(3))},
                          [this, reply, number](std::expected<cache::VolumePtr, std::errc> volume) {
                              if (!volume) {
                                  reply->set_value(answer(volume.error()));
                                  return;
                              }
                              volumes_[number] = *volume;
                              reply->set_value(fmt::format("id {}", (*volume)->id));
                          });
    return reply->get_future();
}

/// All that fscache says of a cookie that it does not give is nothing.
std::future<Reply> UserTarget::acquire_cookie(const Words& words) {
    auto reply = std::make_shared<std::promise<Reply>>();
    const auto volume = volumes_.find(words.at(2));
    if (volume == volumes_.end()) {
        reply->set_value("null");
        return reply->get_future();
    }
    const std::string number = words.at(1);
    model_.acquire_cookie(
        volume->second,
        {.key = from_hex(words.at(4)),
         .coherency = {.aux = from_hex(words.at(5)), .object_size = parse_number(words.at(6))}},
        [this, reply, number](std::expected<cache::CookiePtr, std::errc> cookie) {
            if (!cookie) {
                reply->set_value("null");
                return;
            }
            cookies_[number] = *cookie;
            reply->set_value(fmt::format("id {}", (*cookie)->id));
        });
    return reply->get_future();
}

Reply UserTarget::relinquish_volume(const Words& words) {
    const auto node = volumes_.extract(words.at(1));
    if (!node)
        return "EINVAL";
    return answer(
        model_.relinquish_volume(node.mapped(), coherency(words.at(2)), words.at(3) == "1"));
}

Reply UserTarget::on_cookie(const Words& words) {
    const std::string& verb = words[0];
    const auto place = cookies_.find(words.at(1));
    if (place == cookies_.end())
        return "EINVAL";
    const cache::CookiePtr cookie = place->second;
    if (verb == "use")
        return answer(model_.use(cookie, words.at(2) == "1"));
    if (verb == "unuse")
        return answer(model_.unuse(cookie, coherency(words.at(2)), size(words.at(3))));
    if (verb == "update") {
        model_.update(cookie, coherency(words.at(2)), size(words.at(3)));
        return "ok";
    }
    if (verb == "resize")
        return resize(cookie, parse_number(words.at(2)));
    if (verb == "invalidate") {
        model_.invalidate(cookie, coherency(words.at(2)), parse_number(words.at(3)),
                          words.at(4) == "1");
        return "ok";
    }
    if (verb == "relinquish") {
        const std::errc error = model_.relinquish_cookie(cookie, words.at(2) == "1");
        if (error == std::errc())
            cookies_.erase(place);
        return answer(error);
    }
    if (verb == "page_release") {
        model_.note_page_release(cookie);
        return "ok";
    }
    if (verb == "show")
        return fmt::format("size={} invalidations={} enabled={}", cookie->coherency.object_size,
                           cookie->invalidations, model_.enabled(cookie) ? 1 : 0);
    throw ScriptError("a cookie does not " + verb);
}

/// fscache does not say what came of it.
Reply UserTarget::resize(const cache::CookiePtr& cookie, std::uint64_t new_size) {
    std::promise<void> done;
    model_.resize(cookie, new_size, [&done](bool) { done.set_value(); });
    done.get_future().wait();
    return "ok";
}

std::vector<protocol::CacheEntry> UserTarget::caches() {
    return model_.caches();
}

std::vector<protocol::VolumeEntry> UserTarget::volumes() {
    return model_.volumes();
}

std::vector<protocol::CookieEntry> UserTarget::cookies() {
    return model_.cookies();
}

Stats UserTarget::stats() {
    const cache::Counters now = model_.counters();
    Stats stats = {{"Cookies.n", now.cookies},
                   {"Cookies.v", now.volumes},
                   {"Acquire.n", now.acquires},
                   {"Acquire.ok", now.acquires_ok},
                   {"LRU.n", now.lru_cookies},
                   {"LRU.exp", now.lru_expired},
                   {"LRU.rmv", now.lru_removed},
                   {"LRU.drp", now.lru_dropped},
                   {"Invals.n", now.invalidates},
                   {"Updates.n", now.updates},
                   {"Updates.rsz", now.resizes},
                   {"Updates.rsn", now.resizes_skipped},
                   {"Relinqs.n", now.relinquishes},
                   {"Relinqs.rtr", now.retires},
                   {"Relinqs.drop", now.drops},
                   {"IO.rd", now.reads},
                   {"IO.wr", now.writes}};
    device_.add_stats(stats);
    return stats;
}

} // namespace cachefiles::conformance
