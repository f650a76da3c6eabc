// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/driver/driver_bench.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <future>
#include <optional>
#include <utility>

namespace cachefiles::tests {

using namespace cachefiles::cache;

DriverBench::DriverBench()
    : executor_(std::make_unique<ThreadExecutor>(2)),
      model(std::make_unique<Model>(Model::Options{*executor_, clock, log})),
      driver({*model, log, clock,
              [this](store::Options options) {
                  options.space_judge = [this, judge = std::move(options.space_judge)](
                                            const store::Room& real, store::SpaceUse use) {
                      std::optional<store::Room> room;
                      {
                          const std::lock_guard lock(mutex_);
                          room = room_;
                      }
                      return judge(room.value_or(real), use);
                  };
                  return std::make_shared<store::Store>(std::move(options));
              },
              [this](const std::shared_ptr<store::Store>& bound) {
                  const std::lock_guard lock(mutex_);
                  store_ = bound;
                  ++bounds;
              },
              [this] {
                  const std::lock_guard lock(mutex_);
                  store_.reset();
                  ++withdrawals;
              },
              [this](const std::string& path) {
                  std::function<void()> call;
                  {
                      const std::lock_guard lock(mutex_);
                      culled_.push_back(path);
                      call = at_cull_;
                  }
                  if (call)
                      call();
              }}) {
    open();
}

DriverBench::~DriverBench() {
    cache.reset();
    volume.reset();
    executor_.reset();
}

void DriverBench::open() {
    close();
    cache = driver.open([this] { ++wakes; }).value();
    for (const std::string_view limit : low_limits)
        REQUIRE(command(limit) == 0);
}

void DriverBench::close() {
    cache.reset();
}

void DriverBench::set_room(const store::Room& room) {
    const std::lock_guard lock(mutex_);
    room_ = room;
}

void DriverBench::set_at_cull(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    at_cull_ = std::move(call);
}

std::vector<std::string> DriverBench::culled() const {
    const std::lock_guard lock(mutex_);
    return culled_;
}

std::shared_ptr<store::Store> DriverBench::store() const {
    const std::lock_guard lock(mutex_);
    return store_;
}

int DriverBench::command(std::string_view text, const std::filesystem::path& directory) {
    driver::Caller caller;
    caller.directory = Fd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return cache->command(text, caller);
}

void DriverBench::bind() {
    REQUIRE(command("dir " + root().native()) == 0);
    REQUIRE(command("bind") == 0);
}

protocol::StateLine DriverBench::state() {
    const std::expected<std::string, int> text = cache->read(4096);
    REQUIRE(text);
    const std::optional<protocol::StateLine> line = protocol::parse_state_line(*text);
    REQUIRE(line);
    return *line;
}

CookiePtr DriverBench::acquire(const std::string& key, std::uint64_t size) {
    if (!volume) {
        std::promise<VolumePtr> got;
        model->acquire_volume({volume_key, {}, {}, 0},
                              [&got](auto result) { got.set_value(*result); });
        volume = got.get_future().get();
    }
    std::promise<CookiePtr> got;
    model->acquire_cookie(volume, {key, {"aux", size}},
                          [&got](auto result) { got.set_value(*result); });
    return got.get_future().get();
}

CookiePtr DriverBench::use(const std::string& key, std::uint64_t size) {
    CookiePtr cookie = acquire(key, size);
    REQUIRE(model->use(cookie, false) == std::errc{});
    std::promise<OperationPtr> begun;
    model->begin_operation(cookie,
                           [&begun](auto result) { begun.set_value(result.value_or(nullptr)); });
    const OperationPtr operation = begun.get_future().get();
    if (operation) {
        std::promise<bool> ready;
        model->wait(operation, Want::write, [&ready](bool answer) { ready.set_value(answer); });
        if (ready.get_future().get())
            write_file(model->file(operation)->descriptor(), 'x', size);
        model->end_operation(operation);
    }
    return cookie;
}

void DriverBench::relinquish(const CookiePtr& cookie, bool retire) {
    const std::string key = cookie->identity.key;
    const std::uint64_t size = cookie->coherency.object_size;
    REQUIRE(model->unuse(cookie, {}, {}) == std::errc{});
    REQUIRE(model->relinquish_cookie(cookie, retire) == std::errc{});
    // One of the same key is acquired only when that is done.
    REQUIRE(model->relinquish_cookie(acquire(key, size), false) == std::errc{});
}

void DriverBench::relinquish_volume() {
    REQUIRE(model->relinquish_volume(volume, {}, false) == std::errc{});
    volume.reset();
}

std::vector<std::filesystem::path> DriverBench::files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / "cache")) {
        if (!entry.is_directory())
            found.push_back(entry.path());
    }
    return found;
}

} // namespace cachefiles::tests
