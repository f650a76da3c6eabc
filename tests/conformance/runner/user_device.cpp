// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/user_device.hpp"

#include "base/error.hpp"
#include "tests/conformance/runner/text.hpp"

#include <future>
#include <utility>

namespace cachefiles::conformance {

class UserDevice::Events final : public cache::BackendEvents {
public:
    Events(cache::Model& model, cache::CachePtr cache) : model_(model), cache_(std::move(cache)) {}
    void io_error(const std::string& what) override { model_.io_error(cache_, what); }

private:
    cache::Model& model_;
    cache::CachePtr cache_;
};

UserDevice::UserDevice(cache::Model& model, cache::Executor&, const Clock& clock, Log& log)
    : model_(model), clock_(clock), log_(log) {}

UserDevice::~UserDevice() {
    close();
}

Reply UserDevice::execute(const Words& request) {
    const std::string& verb = request.at(1);
    if (verb == "open") {
        open_ = true;
        return "ok";
    }
    if (verb == "close") {
        close();
        return "ok";
    }
    if (verb == "write" && open_)
        return write(request.at(2));
    return "EBADF";
}

Reply UserDevice::write(const std::string& text) {
    if (text.starts_with("dir "))
        directory_ = text.substr(4);
    else if (text.starts_with("tag "))
        tag_ = text.substr(4);
    else if (text == "bind")
        return bind();
    else
        return "EOPNOTSUPP";
    return std::to_string(text.size());
}

Reply UserDevice::bind() {
    auto cache = model_.prepare_cache(tag_.empty() ? "CacheFiles" : tag_);
    if (!cache)
        return errno_name(static_cast<int>(cache.error()));
    events_ = std::make_unique<Events>(model_, *cache);
    try {
        auto store =
            std::make_shared<cache::store::Store>(cache::store::Options{.root = directory_,
                                                                        .events = *events_,
                                                                        .log = log_,
                                                                        .clock = clock_,
                                                                        .stop_limits = {}});
        model_.activate_cache(*cache, std::move(store));
    } catch (const SystemError& error) {
        model_.abandon_cache(*cache);
        return errno_name(error.error());
    }
    cache_ = *cache;
    return "4";
}

void UserDevice::close() {
    open_ = false;
    directory_.clear();
    tag_.clear();
    if (!cache_)
        return;
    std::promise<void> done;
    if (model_.withdraw_cache(std::exchange(cache_, nullptr), [&done] { done.set_value(); }))
        done.get_future().wait();
}

void UserDevice::add_stats(Stats& stats) const {
    stats["NoSpace.nwr"] = 0;
    stats["NoSpace.ncr"] = 0;
    stats["NoSpace.cull"] = 0;
}

} // namespace cachefiles::conformance
